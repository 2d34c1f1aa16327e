"""Entry point of the five functions: ``handler.handler``.

They differ in their environment alone: ``ROUTES`` is a JSON list of the function's own routes.
``app`` is the owners' application, or the placeholder, which the package carries under that name.
"""

import json
import os
from importlib import import_module

from wsgi_adapter import make_handler

handler = make_handler(import_module("app").create_app("production"), json.loads(os.environ["ROUTES"]))
