"""Origins are a list, and nothing else gets into an answer."""

from typing import Any

import pytest

from components.edge.rest_api_cors import Cors, error_headers, preflight_headers, preflight_template

ONE = "https://safework2.jclee.me"
TWO = "https://admin.jclee.me"


def test_one_origin_is_a_fixed_header() -> None:
    cors = Cors(allowed_origins=[ONE])
    assert preflight_headers(cors)["Access-Control-Allow-Origin"] == ONE
    assert preflight_template(cors) == ""


def test_more_origins_are_compared_as_a_whole() -> None:
    template = preflight_template(Cors(allowed_origins=[ONE, TWO]))
    assert f'$origin == "{TWO}"' in template
    assert "matches" not in template
    assert "*" not in template


def test_errors_carry_the_origin_and_credentials() -> None:
    assert error_headers(Cors(allowed_origins=[ONE])) == {
        "Access-Control-Allow-Origin": ONE,
        "Access-Control-Allow-Credentials": "true",
        "Vary": "Origin",
    }
    without = error_headers(Cors(allowed_origins=[ONE], allow_credentials=False))
    assert "Access-Control-Allow-Credentials" not in without


@pytest.mark.parametrize(
    "arguments",
    [
        {"allowed_origins": []},
        {"allowed_origins": ["*"]},
        {"allowed_origins": ["http://plain.example"]},
        {"allowed_origins": ["https://a.example/"]},
        {"allowed_origins": ["https://a.example'"]},
        {"allowed_origins": [ONE], "allowed_methods": ["get"]},
        {"allowed_origins": [ONE], "allowed_headers": ["*"]},
    ],
)
def test_loose_lists_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="got"):
        Cors(**arguments)
