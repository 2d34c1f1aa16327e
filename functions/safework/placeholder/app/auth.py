"""Signing in and out. There are no accounts, so no one gets in."""

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from .pages import page

blueprint = Blueprint("auth", __name__)

_FORM = (
    '<form method="post" action="/login">'
    '<label>ID <input name="username" autocomplete="username" required></label>'
    '<label>Password <input name="password" type="password" autocomplete="current-password" required></label>'
    '<button type="submit">Sign in</button></form>'
)


@blueprint.get("/login")
def login_form() -> Response:
    """The form."""
    return page("Sign in", _FORM)


@blueprint.post("/login")
def login() -> Response:
    """400 without both fields, else 401."""
    missing = [field for field in ("username", "password") if not request.form.get(field)]
    if missing:
        return page("Sign in", f"<p>Missing: {', '.join(missing)}</p>{_FORM}", status=400)
    return page("Sign in", f"<p>This is a placeholder: it has no accounts.</p>{_FORM}", status=401)


@blueprint.route("/logout", methods=["GET", "POST"])
def logout() -> BaseResponse:
    """Forget the session cookie."""
    response = redirect("/login", code=303)
    response.delete_cookie("session", secure=True, httponly=True, samesite="Lax")
    return response


@blueprint.get("/auth/", strict_slashes=False)
@blueprint.get("/auth/session")
def session() -> Response:
    """Who is signed in: nobody."""
    return jsonify(authenticated=False)
