"""A script of pg_restore is cut where its entries begin, and nowhere else."""

from ops.migrate.schema import Statement, differences, split

SCRIPT = r"""\restrict abc123

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

--
-- Name: f(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.f() RETURNS text
    LANGUAGE sql
    AS $_$ select '
--
-- Name: trap; Type: INDEX; Schema: public; Owner: -
--
' || $$ it's $$ $_$;


--
-- Name: TABLE t; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.t IS E'it''s \' ;
--
-- Name: trap; Type: INDEX; Schema: public; Owner: -
--
';


--
-- Name: odd "name"; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public."odd ""'name" (a integer, "$$" text);

\unrestrict abc123

"""


def test_cut_at_headers_outside_of_quotes() -> None:
    preamble, statements = split(SCRIPT, "pre-data")
    assert "restrict" not in preamble
    assert "search_path" in preamble
    assert [(s.kind, s.name) for s in statements] == [
        ("FUNCTION", "f()"),
        ("COMMENT", "TABLE t"),
        ("TABLE", 'odd "name"'),
    ]
    assert statements[0].text.endswith("$_$;")
    assert statements[1].text.endswith("';")
    assert statements[2].text == 'CREATE TABLE public."odd ""\'name" (a integer, "$$" text);'


def test_nothing_to_cut() -> None:
    assert split("SET a = 1;\n", "post-data") == ("SET a = 1;\n", [])


def test_differences_are_named() -> None:
    then = [("TABLE a", "create a"), ("TABLE b", "create b"), ("TABLE b", "create b")]
    now = [Statement("pre-data", "TABLE", "b", "create b"), Statement("pre-data", "INDEX", "c", "create c")]
    assert differences(then, now) == [
        "gone or changed:"
        " TABLE a", "gone or changed: TABLE b", "gone or changed: TABLE b", "new or changed: INDEX c",
    ]  # fmt: skip
    assert differences([("INDEX c", "create c")], now[1:]) == []
