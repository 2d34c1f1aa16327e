"""A stand-in for the owners' application, so that everything deploys and can be called without it.

It keeps no state, has no accounts and holds no secret: it shows that each route reaches its function.
"""

from flask import Flask, Response

from . import admin, auth, health, static_files, survey

CONFIGURATIONS = ("production", "development", "testing")


def create_app(config_name: str) -> Flask:
    """The application, with one blueprint for each function; ValueError for an unknown configuration."""
    if config_name not in CONFIGURATIONS:
        raise ValueError(f"configuration: got {config_name!r}; allowed are {', '.join(CONFIGURATIONS)}")
    app = Flask(__name__, static_folder=None)
    app.config.from_mapping(
        CONFIG_NAME=config_name,
        DEBUG=config_name == "development",
        TESTING=config_name == "testing",
        MAX_CONTENT_LENGTH=1024 * 1024,
    )
    for module in (auth, survey, admin, static_files, health):
        app.register_blueprint(module.blueprint)
    app.after_request(_harden)
    return app


def _harden(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("Content-Security-Policy", "default-src 'self'")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    return response
