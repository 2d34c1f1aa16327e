"""Administration: there is nothing to administer, and nothing is told about the machine."""

from flask import Blueprint, Response, current_app, jsonify

from .pages import page

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.get("/", strict_slashes=False)
def overview() -> Response:
    """The page."""
    return page("Administration", "<p>This is a placeholder.</p>")


@blueprint.get("/blueprints")
def blueprints() -> Response:
    """Which parts of the application are installed."""
    return jsonify(blueprints=sorted(current_app.blueprints))
