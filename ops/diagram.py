"""Pictures and lists of a system, drawn from its resource graph.

The graph is what the program registered (recorded under mocks, or read from a stack's state), so a picture
cannot show what is not deployed. Output is Mermaid and Markdown, the same bytes for the same graph.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol


class GraphResource(Protocol):
    """The part of a resource that a picture needs. ``dependencies`` are URNs."""

    @property
    def urn(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def parent(self) -> str | None: ...
    @property
    def dependencies(self) -> Iterable[str]: ...


SYSTEM_TOKEN_PREFIX = "platform:system:"  # noqa: S105 - a type token, not a secret

# Everything uses keys, topics and log groups, and alarms watch everything:
# arrows to them would hide the path of a request.
QUIET_GROUPS = frozenset({"security", "observability", "delivery", "messaging"})

GROUP_TITLES: Mapping[str, str] = {
    "dns": "DNS",
    "edge": "Edge",
    "compute": "Compute",
    "messaging": "Messaging",
    "data": "Data",
    "network": "Network",
    "security": "Security",
    "observability": "Observability",
    "delivery": "Delivery",
    "recovery": "Recovery",
}


def tiers(resources: Sequence[GraphResource], system: str) -> dict[str, list[GraphResource]]:
    """Each tier (a component right below the system) with every resource in it, keyed by the tier's URN."""
    by_urn = {resource.urn: resource for resource in resources}
    root = next(
        resource.urn
        for resource in resources
        if resource.type.startswith(SYSTEM_TOKEN_PREFIX) and resource.name == system
    )
    members: dict[str, list[GraphResource]] = defaultdict(list)
    for resource in resources:
        current: GraphResource | None = resource
        while current is not None and current.parent != root:
            current = by_urn.get(current.parent) if current.parent else None
        if current is not None:
            members[current.urn].append(resource)
    return dict(members)


def mermaid(resources: Sequence[GraphResource], system: str) -> str:
    """A flowchart of a system's tiers. An arrow from A to B says that something in A uses something in B."""
    members = tiers(resources, system)
    owner = {resource.urn: tier for tier, group in members.items() for resource in group}
    by_urn = {resource.urn: resource for resource in resources}
    nodes = {urn: _node_id(by_urn[urn].name) for urn in members}
    groups: dict[str, list[str]] = defaultdict(list)
    for urn in members:
        groups[_group(by_urn[urn].type)].append(urn)

    lines = ["flowchart LR"]
    for group, title in GROUP_TITLES.items():
        if group not in groups:
            continue
        lines.append(f"  subgraph {group}_tier[{title}]")
        for urn in sorted(groups[group], key=lambda urn: nodes[urn]):
            tier = by_urn[urn]
            kind = tier.type.rsplit(":", 1)[-1]
            lines.append(f'    {nodes[urn]}["{tier.name}<br/>{kind}, {_count(members[urn])}"]')
        lines.append("  end")
    edges = {
        (nodes[tier], nodes[owner[dependency]])
        for tier, group in members.items()
        for resource in group
        for dependency in resource.dependencies
        if owner.get(dependency, tier) != tier
        and _group(by_urn[tier].type) not in QUIET_GROUPS
        and _group(by_urn[owner[dependency]].type) not in QUIET_GROUPS
    }
    lines += [f"  {source} --> {target}" for source, target in sorted(edges)]
    return "\n".join(lines) + "\n"


def resource_table(resources: Sequence[GraphResource], system: str) -> str:
    """A Markdown table of the cloud resources of a system: how many of each type."""
    counts = Counter(
        resource.type
        for group in tiers(resources, system).values()
        for resource in group
        if not resource.type.startswith("platform:")
    )
    rows = [f"| `{kind}` | {count} |" for kind, count in sorted(counts.items())]
    return "\n".join(["| type | count |", "| --- | ---: |", *rows, f"| total | {counts.total()} |"]) + "\n"


def _group(token: str) -> str:
    return token.split(":")[1] if token.startswith("platform:") else ""


def _count(group: Sequence[GraphResource]) -> str:
    count = sum(not resource.type.startswith("platform:") for resource in group)
    return f"{count} resource{'' if count == 1 else 's'}"


def _node_id(name: str) -> str:
    return name.replace("-", "_")
