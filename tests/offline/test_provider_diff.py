"""Differences between inputs."""

from hypothesis import given
from hypothesis import strategies as st

from offline import provider_wire as wire
from offline.provider_diff import Change, changes

PLAIN = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)
INPUTS = st.dictionaries(st.text("abc", min_size=1, max_size=3), PLAIN, max_size=4)


@given(INPUTS)
def test_nothing_differs_from_itself(inputs: dict[str, object]) -> None:
    assert changes(inputs, wire.from_struct(wire.to_struct(inputs))) == []


@given(INPUTS, INPUTS)
def test_both_directions_see_the_same_paths(old: dict[str, object], new: dict[str, object]) -> None:
    assert [each.path for each in changes(old, new)] == [each.path for each in changes(new, old)]


def test_paths_and_kinds() -> None:
    old = {"a": 1, "list": ["x", "y"], "tags": {"k-v": "1", "aws:x": "1"}, "gone": True}
    new = {"a": 2, "list": ["x"], "tags": {"k-v": "2", "aws:x": "2"}, "come": True}
    assert changes(old, new) == [
        Change("a", "UPDATE", replaces=False),
        Change("come", "ADD", replaces=False),
        Change("gone", "DELETE", replaces=False),
        Change("list[1]", "DELETE", replaces=False),
        Change("tags.k-v", "UPDATE", replaces=False),
        Change('tags["aws:x"]', "UPDATE", replaces=False),
    ]


def test_immutable_and_ignored_paths_cover_what_is_under_them() -> None:
    old = {"vpc": {"subnets": ["a"], "groups": ["a"]}, "vpcs": 1}
    new = {"vpc": {"subnets": ["b"], "groups": ["b"]}, "vpcs": 2}
    assert changes(old, new, immutable=["vpc.subnets"], ignored=["vpc.groups"]) == [
        Change("vpc.subnets[0]", "UPDATE", replaces=True),
        Change("vpcs", "UPDATE", replaces=False),
    ]


def test_archives_differ_by_hash_alone() -> None:
    def archive(path: str, digest: str) -> dict[str, object]:
        return {"code": {wire.SIGNATURE: wire.ARCHIVE, "path": path, "hash": digest}}

    assert changes(archive("a.zip", "1"), archive("b.zip", "1")) == []
    assert changes(archive("a.zip", "1"), archive("a.zip", "2")) != []


def test_a_secret_equals_its_value() -> None:
    assert changes({"a": wire.secret("x")}, {"a": "x"}) == []
