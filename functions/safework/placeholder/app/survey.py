"""Surveys: what is sent is checked and sent back, and not kept."""

from typing import Any, cast

from flask import Blueprint, Response, jsonify, request

from .pages import page

blueprint = Blueprint("survey", __name__)

QUESTIONS = ("department", "symptoms", "comment")
REQUIRED = ("department",)
MAX_LENGTH = 2000


@blueprint.get("/survey/", strict_slashes=False)
def overview() -> Response:
    """The questions, as a page."""
    return page("Survey", "<ul>" + "".join(f"<li>{question}</li>" for question in QUESTIONS) + "</ul>")


@blueprint.get("/api/safework/", strict_slashes=False)
@blueprint.get("/api/safework/questions")
def questions() -> Response:
    """The questions. ``?only=a&only=b`` picks some."""
    only = request.args.getlist("only")
    return jsonify(questions=[question for question in QUESTIONS if not only or question in only])


@blueprint.post("/survey/responses")
@blueprint.post("/api/safework/responses")
def respond() -> tuple[Response, int]:
    """201 with the answers, or 422 with what is wrong in each field."""
    answers: Any = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    if not isinstance(answers, dict):
        return jsonify(errors={"body": "must be a form or a JSON object"}), 422
    errors = _errors(cast("dict[str, Any]", answers))
    return (jsonify(errors=errors), 422) if errors else (jsonify(answers=answers, stored=False), 201)


def _errors(answers: dict[str, Any]) -> dict[str, str]:
    errors = {field: "is required" for field in REQUIRED if not answers.get(field)}
    for field, value in answers.items():
        if field not in QUESTIONS:
            errors[field] = "is not a question"
        elif not isinstance(value, str) or len(value) > MAX_LENGTH:
            errors[field] = f"must be text of at most {MAX_LENGTH} characters"
    return errors
