"""Files: style and icons under ``/static``, papers under ``/documents``."""

from pathlib import Path

from flask import Blueprint, Response, jsonify, send_from_directory

blueprint = Blueprint("static_files", __name__)

HERE = Path(__file__).parent
MAX_AGE_SECONDS = 3600


@blueprint.get("/static/<path:name>")
def static(name: str) -> Response:
    """One file; the browser may keep it."""
    return send_from_directory(HERE / "static", name, max_age=MAX_AGE_SECONDS)


@blueprint.get("/documents/", strict_slashes=False)
def documents() -> Response:
    """The names of the papers."""
    return jsonify(documents=sorted(path.name for path in (HERE / "documents").iterdir()))


@blueprint.get("/documents/<path:name>")
def document(name: str) -> Response:
    """One paper, to be kept by the reader."""
    return send_from_directory(HERE / "documents", name, as_attachment=True)
