"""Logs Insights queries that people find in the console by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch

MAX_QUERY_LENGTH = 10_000
MAX_LOG_GROUPS = 50
"""Logs Insights quotas: characters of a query, and log groups it reads."""


@dataclass(frozen=True, kw_only=True)
class SavedQuery:
    """``query`` is Logs Insights QL; ``log_group_names`` are what it reads."""

    query: str
    log_group_names: Sequence[pulumi.Input[str]]

    def __post_init__(self) -> None:
        if not 0 < len(self.query) <= MAX_QUERY_LENGTH:
            raise ValueError(f"query: got {len(self.query)} characters; allowed 1 to {MAX_QUERY_LENGTH}")
        if not 0 < len(self.log_group_names) <= MAX_LOG_GROUPS:
            raise ValueError(
                f"log_group_names: got {len(self.log_group_names)}; a query reads 1 to {MAX_LOG_GROUPS}"
            )


@dataclass(frozen=True, kw_only=True)
class SavedQueriesArgs:
    """``queries`` by the words people look for; ``folder`` is the folder in the console."""

    folder: str
    queries: Mapping[str, SavedQuery]


class SavedQueries(pulumi.ComponentResource):
    """One query definition for each question, in a folder of the system."""

    query_ids: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: SavedQueriesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:observability:SavedQueries", name, None, opts)
        self._name = name
        self._args = args
        queries = {key: self._build_query(key, query) for key, query in args.queries.items()}
        self.query_ids = {key: query.query_definition_id for key, query in queries.items()}
        self.register_outputs({"queryIds": self.query_ids})

    def _build_query(self, key: str, query: SavedQuery) -> cloudwatch.QueryDefinition:
        return cloudwatch.QueryDefinition(
            f"{self._name}-{key}",
            name=f"{self._args.folder}/{key}",
            log_group_names=list(query.log_group_names),
            query_string=query.query,
            opts=pulumi.ResourceOptions(parent=self),
        )
