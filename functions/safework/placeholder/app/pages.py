"""HTML without templates: the placeholder has five small pages."""

from flask import Response
from markupsafe import escape


def page(title: str, body: str, status: int = 200) -> Response:
    """A whole page. ``body`` is trusted HTML."""
    return Response(
        f'<!doctype html>\n<html lang="ko">\n<head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<link rel="stylesheet" href="/static/site.css"></head>\n'
        f"<body><h1>{escape(title)}</h1>\n{body}\n</body>\n</html>\n",
        status=status,
        mimetype="text/html",
    )
