"""Saved queries carry their folder, and keep to the quotas."""

import pytest

from components.observability.saved_queries import SavedQueries, SavedQueriesArgs, SavedQuery
from tests.harness import deploy


def test_queries_are_found_by_folder_and_name() -> None:
    query = SavedQuery(query="fields @message", log_group_names=["one", "two"])
    args = SavedQueriesArgs(folder="system", queries={"errors": query, "slow": query})
    result = deploy(lambda: SavedQueries("queries", args))
    made = result.of_type("aws:cloudwatch/queryDefinition:QueryDefinition")
    assert {each["name"] for each in made} == {"system/errors", "system/slow"}
    assert all(each["logGroupNames"] == ["one", "two"] for each in made)


@pytest.mark.parametrize(
    ("query", "groups", "word"),
    [("", 1, "query"), ("x" * 10_001, 1, "query"), ("x", 0, "log_group_names"), ("x", 51, "log_group_names")],
)
def test_quotas(query: str, groups: int, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        SavedQuery(query=query, log_group_names=["group"] * groups)
