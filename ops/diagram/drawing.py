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
REGION_TOKEN = "platform:recovery:RegionTier"  # noqa: S105 - likewise
"""Holds the tiers of one region: a frame around them and no tier itself."""

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
    """Each tier (a component right below the system, or below one of its regions) with every resource in it,
    keyed by the tier's URN.

    Raises DiagramError for a system that the graph does not hold.
    """
    by_urn = {resource.urn: resource for resource in resources}
    roots = {r.name: r.urn for r in resources if r.type.startswith(SYSTEM_TOKEN_PREFIX)}
    if system not in roots:
        raise DiagramError(f"system: got {system}; the graph holds {', '.join(sorted(roots)) or 'none'}")
    regions = {r.urn for r in resources if r.type == REGION_TOKEN and r.parent == roots[system]}
    frames = {roots[system], *regions}
    members: dict[str, list[GraphResource]] = defaultdict(list)
    for resource in resources:
        current: GraphResource | None = resource
        while current is not None and current.parent not in frames:
            current = by_urn.get(current.parent) if current.parent else None
        if current is not None and current.urn not in regions:
            members[current.urn].append(resource)
    return dict(members)


def mermaid(resources: Sequence[GraphResource], system: str) -> str:
    """A flowchart of a system's tiers. An arrow from A to B says that A calls B, or is made with it."""
    by_urn = {resource.urn: resource for resource in resources}
    # A provider is how a region is reached, and nothing that stands there.
    members = {
        urn: group
        for urn, group in tiers(resources, system).items()
        if not by_urn[urn].type.startswith("pulumi:")
    }
    regions: dict[str | None, list[str]] = defaultdict(list)
    for urn in sorted(members, key=lambda urn: by_urn[urn].name):
        parent = by_urn[by_urn[urn].parent or ""]
        regions[parent.name if parent.type == REGION_TOKEN else None].append(urn)

    lines = ["flowchart LR"]
    for region in sorted(regions, key=lambda name: name or ""):
        if region is None:
            lines += _boxes(regions[region], members, by_urn, prefix="")
            continue
        node = _node_id(region)
        boxes = _boxes(regions[region], members, by_urn, prefix=f"{node}_")
        lines += [f"  subgraph {node}_region[Region of {region}]", *(f"  {line}" for line in boxes), "  end"]
    arrows = {(_node_id(by_urn[a].name), _node_id(by_urn[b].name)) for a, b in _arrows(members, by_urn)}
    lines += [f"  {source} --> {target}" for source, target in sorted(arrows)]
    return "\n".join(lines) + "\n"


def _boxes(
    urns: Sequence[str],
    members: Mapping[str, Sequence[GraphResource]],
    by_urn: Mapping[str, GraphResource],
    *,
    prefix: str,
) -> list[str]:
    """A frame for each group of tiers. ``prefix`` keeps apart the groups of several regions."""
    groups: dict[str, list[str]] = defaultdict(list)
    for urn in urns:
        groups[_group(by_urn[urn].type)].append(urn)
    lines: list[str] = []
    for group in [*GROUP_TITLES, *sorted(set(groups) - set(GROUP_TITLES))]:
        if group not in groups:
            continue
        title = GROUP_TITLES.get(group, group.capitalize())
        labels = [_label(by_urn[urn], members[urn]) for urn in groups[group]]
        if group in SUPPORTING_GROUPS:
            lines.append(f'  {prefix}{group}_tier["{"<br/>".join([f"<b>{title}</b>", *labels])}"]')
            continue
        lines.append(f"  subgraph {prefix}{group}_tier[{title}]")
        names = [_node_id(by_urn[urn].name) for urn in groups[group]]
        lines += [f'    {name}["{label}"]' for name, label in zip(names, labels, strict=True)]
        lines.append("  end")
    return lines


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
    """A component's group; what is not ours has its package's name, a log group beside its writer apart."""
    parts = token.split(":")
    if parts[0] == "platform":
        return parts[1]
    return "observability" if parts[1].startswith("cloudwatch/") else parts[0]


def _label(tier: GraphResource, group: Sequence[GraphResource]) -> str:
    """Name, kind and size: ``safework-auth: LambdaFunction, 13``."""
    return f"{tier.name}: {tier.type.rsplit(':', 1)[-1]}, {sum(map(_is_cloud, group))}"


def _node_id(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
