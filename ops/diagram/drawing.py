"""Pictures and lists of a system, drawn from its resource graph.

The graph is what the program registered (recorded under mocks, or read from a stack's state), so a picture
cannot show what is not deployed. Output is Mermaid and Markdown, the same bytes for the same graph.
"""

import re
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

GROUP_TITLES: Mapping[str, str] = {
    "dns": "DNS",
    "edge": "Edge",
    "compute": "Compute",
    "kubernetes": "Kubernetes",
    "messaging": "Messaging",
    "data": "Data",
    "network": "Network",
    "security": "Security",
    "observability": "Observability",
    "delivery": "Delivery",
    "recovery": "Recovery",
}

# Everything stands in the network and uses keys, topics and log groups, and alarms watch everything: arrows
# to them would hide the path of a request. Each group is one box.
SUPPORTING_GROUPS = frozenset({"messaging", "network", "security", "observability", "delivery", "recovery"})

# What lets a caller in is made beside what is called and depends on the caller: its arrow is the caller's.
ADMISSIONS = frozenset(
    {"aws:lambda/permission:Permission", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"}
)


class DiagramError(ValueError):
    """A system or a marker that is not there."""


def systems(resources: Sequence[GraphResource]) -> list[str]:
    """The names of the systems in a graph."""
    return sorted(resource.name for resource in resources if resource.type.startswith(SYSTEM_TOKEN_PREFIX))


def tiers(resources: Sequence[GraphResource], system: str) -> dict[str, list[GraphResource]]:
    """Each tier (a component right below the system) with every resource in it, keyed by the tier's URN.

    Raises DiagramError for a system that the graph does not hold.
    """
    by_urn = {resource.urn: resource for resource in resources}
    roots = {r.name: r.urn for r in resources if r.type.startswith(SYSTEM_TOKEN_PREFIX)}
    if system not in roots:
        raise DiagramError(f"system: got {system}; the graph holds {', '.join(sorted(roots)) or 'none'}")
    members: dict[str, list[GraphResource]] = defaultdict(list)
    for resource in resources:
        current: GraphResource | None = resource
        while current is not None and current.parent != roots[system]:
            current = by_urn.get(current.parent) if current.parent else None
        if current is not None:
            members[current.urn].append(resource)
    return dict(members)


def mermaid(resources: Sequence[GraphResource], system: str) -> str:
    """A flowchart of a system's tiers. An arrow from A to B says that A calls B, or is made with it."""
    members = tiers(resources, system)
    by_urn = {resource.urn: resource for resource in resources}
    groups: dict[str, list[str]] = defaultdict(list)
    for urn in sorted(members, key=lambda urn: by_urn[urn].name):
        groups[_group(by_urn[urn].type)].append(urn)

    lines = ["flowchart LR"]
    for group in [*GROUP_TITLES, *sorted(set(groups) - set(GROUP_TITLES))]:
        if group not in groups:
            continue
        title = GROUP_TITLES.get(group, group.capitalize())
        if group in SUPPORTING_GROUPS:
            rows = [_label(by_urn[urn], members[urn]) for urn in groups[group]]
            lines.append(f'  {group}_tier["{"<br/>".join([f"<b>{title}</b>", *rows])}"]')
            continue
        lines.append(f"  subgraph {group}_tier[{title}]")
        lines += [
            f'    {_node_id(by_urn[urn].name)}["{_label(by_urn[urn], members[urn])}"]'
            for urn in groups[group]
        ]
        lines.append("  end")
    arrows = {(_node_id(by_urn[a].name), _node_id(by_urn[b].name)) for a, b in _arrows(members, by_urn)}
    lines += [f"  {source} --> {target}" for source, target in sorted(arrows)]
    return "\n".join(lines) + "\n"


def resource_table(graphs: Mapping[str, Sequence[GraphResource]], system: str) -> str:
    """A Markdown table of a system's cloud resources: how many of each type, a column for each graph."""
    counts = {
        title: Counter(
            resource.type
            for group in tiers(resources, system).values()
            for resource in group
            if _is_cloud(resource)
        )
        for title, resources in graphs.items()
    }
    kinds = sorted({kind for counter in counts.values() for kind in counter})
    rows = [_row(f"`{kind}`", *(str(counter[kind] or "") for counter in counts.values())) for kind in kinds]
    return "\n".join(
        [
            _row("type", *counts),
            _row("---", *("---:" for _ in counts)),
            *rows,
            _row("total", *(str(counter.total()) for counter in counts.values())),
            "",
        ]
    )


def fill(text: str, blocks: Mapping[str, str]) -> str:
    """The document with each ``<!-- generated:key -->`` ... ``<!-- /generated:key -->`` filled anew.

    Raises DiagramError for a block without its markers, so that a page cannot lose its picture unseen.
    """
    for key, content in blocks.items():
        start, end = f"<!-- generated:{key} -->", f"<!-- /generated:{key} -->"
        if text.count(start) != 1 or text.count(end) != 1:
            raise DiagramError(f"{key}: the page needs {start} and {end}, each once")
        pattern = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
        filled = f"{start}\n{content}{end}"
        text = pattern.sub(lambda _match, filled=filled: filled, text)
    return text


def fenced(picture: str) -> str:
    """A Mermaid picture as Markdown shows it."""
    return f"\n```mermaid\n{picture}```\n\n"


def _arrows(
    members: Mapping[str, Sequence[GraphResource]], by_urn: Mapping[str, GraphResource]
) -> Iterable[tuple[str, str]]:
    owner = {resource.urn: tier for tier, group in members.items() for resource in group}
    for tier, group in members.items():
        for resource in group:
            for dependency in resource.dependencies:
                other = owner.get(dependency, tier)
                if other == tier or any(
                    _group(by_urn[end].type) in SUPPORTING_GROUPS for end in (tier, other)
                ):
                    continue
                yield (other, tier) if resource.type in ADMISSIONS else (tier, other)


def _is_cloud(resource: GraphResource) -> bool:
    return not resource.type.startswith(("platform:", "pulumi:"))


def _group(token: str) -> str:
    """A component's group; what is not ours has its package's name."""
    parts = token.split(":")
    return parts[1] if parts[0] == "platform" else parts[0]


def _label(tier: GraphResource, group: Sequence[GraphResource]) -> str:
    """Name, kind and size: ``safework-auth: LambdaFunction, 13``."""
    return f"{tier.name}: {tier.type.rsplit(':', 1)[-1]}, {sum(map(_is_cloud, group))}"


def _node_id(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
