"""The front page, and the health check that the cutover reads."""

import os
import platform

from flask import Blueprint, Response, current_app, jsonify

from .pages import page

blueprint = Blueprint("health", __name__)


@blueprint.get("/")
def index() -> Response:
    """The front page."""
    return page("SafeWork", '<p>This is a placeholder. <a href="/survey/">Survey</a></p>')


@blueprint.get("/health")
def health() -> Response:
    """200 and what answers; the function's version shows how far a shift is."""
    return jsonify(
        status="healthy",
        service="safework",
        configuration=current_app.config["CONFIG_NAME"],
        version=os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", "local"),
        region=os.environ.get("AWS_REGION", "local"),
        python=platform.python_version(),
    )
