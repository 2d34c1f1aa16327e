"""Pictures and tables from a graph."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from ops.diagram import drawing as diagram
from ops.diagram.drawing import DiagramError


@dataclass(frozen=True)
class Node:
    name: str
    type: str
    parent: str | None = None
    dependencies: tuple[str, ...] = ()

    @property
    def urn(self) -> str:
        return self.name


def graph(*more: Node) -> list[Node]:
    return [
        Node("stack", "pulumi:pulumi:Stack"),
        Node("shop", "platform:system:Shop", "stack"),
        Node("shop-api", "platform:edge:RestApi", "shop"),
        Node("shop-api-stage", "aws:apigateway/stage:Stage", "shop-api"),
        Node("shop-cart", "platform:compute:LambdaFunction", "shop"),
        Node("shop-cart-role", "platform:security:ServiceRole", "shop-cart"),
        Node("shop-cart-role-role", "aws:iam/role:Role", "shop-cart-role"),
        Node("shop-cart-function", "aws:lambda/function:Function", "shop-cart", ("shop-cart-role-role",)),
        Node("shop-api-method", "aws:apigateway/method:Method", "shop-api", ("shop-cart-function",)),
        Node("shop-cart-invoke", "aws:lambda/permission:Permission", "shop-cart", ("shop-api-stage",)),
        Node("shop-key", "platform:security:KmsKey", "shop"),
        Node("shop-key-key", "aws:kms/key:Key", "shop-key"),
        *more,
    ]


def arrows(nodes: Sequence[Node]) -> list[str]:
    return [line.strip() for line in diagram.mermaid(nodes, "shop").splitlines() if "-->" in line]


def test_what_lets_a_caller_in_points_from_the_caller() -> None:
    assert arrows(graph()) == ["shop_api --> shop_cart"]


def test_supporting_tiers_are_a_box_without_arrows() -> None:
    nodes = graph(Node("shop-cart-logs", "aws:cloudwatch/logGroup:LogGroup", "shop-cart", ("shop-key-key",)))
    assert '  security_tier["<b>Security</b><br/>shop-key: KmsKey, 1"]' in diagram.mermaid(nodes, "shop")
    assert arrows(nodes) == ["shop_api --> shop_cart"]


def test_a_tier_counts_what_is_below_it_at_any_depth_without_components() -> None:
    assert 'shop_cart["shop-cart: LambdaFunction, 3"]' in diagram.mermaid(graph(), "shop")


def test_the_picture_does_not_depend_on_the_order_of_registration() -> None:
    assert diagram.mermaid(graph()[::-1], "shop") == diagram.mermaid(graph(), "shop")


def test_each_region_is_a_frame_around_its_tiers() -> None:
    def place(name: str) -> list[Node]:
        return [
            Node(f"{name}-provider", "pulumi:providers:aws", "bank"),
            Node(name, "platform:recovery:RegionTier", "bank"),
            Node(f"{name}-key", "platform:security:KmsKey", name),
            Node(f"{name}-key-key", "aws:kms/key:Key", f"{name}-key"),
            Node(f"{name}-hosts-logs", "aws:cloudwatch/logGroup:LogGroup", name),
        ]

    nodes = [
        Node("stack", "pulumi:pulumi:Stack"),
        Node("bank", "platform:system:Bank", "stack"),
        *place("bank-first"),
        *place("bank-second"),
    ]
    drawn = diagram.mermaid(nodes, "bank")
    assert drawn.splitlines()[1:5] == [
        "  subgraph bank_first_region[Region of bank-first]",
        '    bank_first_security_tier["<b>Security</b><br/>bank-first-key: KmsKey, 1"]',
        '    bank_first_observability_tier["<b>Observability</b><br/>bank-first-hosts-logs: LogGroup, 1"]',
        "  end",
    ]
    assert drawn.count("subgraph") == 2
    assert "provider" not in drawn
    assert "| total | 4 |" in diagram.resource_table({"prod": nodes}, "bank")


def test_other_systems_stay_out() -> None:
    nodes = graph(
        Node("bank", "platform:system:Bank", "stack"),
        Node("bank-queue", "platform:messaging:Queue", "bank"),
        Node("bank-queue-queue", "aws:sqs/queue:Queue", "bank-queue"),
    )
    assert diagram.systems(nodes) == ["bank", "shop"]
    assert diagram.mermaid(nodes, "shop") == diagram.mermaid(graph(), "shop")
    assert "sqs" not in diagram.resource_table({"prod": nodes}, "shop")


def test_a_group_without_a_title_is_drawn_too() -> None:
    nodes = graph(Node("shop-search", "platform:search:Index", "shop"))
    assert "subgraph search_tier[Search]" in diagram.mermaid(nodes, "shop")


def test_the_table_has_a_column_for_each_stack() -> None:
    less = [node for node in graph() if node.name != "shop-key-key"]
    table = diagram.resource_table({"prod": graph(), "dev": less}, "shop").splitlines()
    assert table[0] == "| type | prod | dev |"
    assert "| `aws:kms/key:Key` | 1 |  |" in table
    assert table[-1] == "| total | 6 | 5 |"


def test_an_unknown_system_is_named_with_those_there_are() -> None:
    with pytest.raises(DiagramError, match="got bar; the graph holds shop"):
        diagram.mermaid(graph(), "bar")


def test_fill_replaces_what_is_between_the_markers_alone() -> None:
    page = "before\n<!-- generated:a -->\nold\n<!-- /generated:a -->\nafter\n"
    filled = diagram.fill(page, {"a": r"new \1" + "\n"})
    assert filled == "before\n<!-- generated:a -->\nnew \\1\n<!-- /generated:a -->\nafter\n"
    assert diagram.fill(filled, {"a": r"new \1" + "\n"}) == filled


def test_fill_misses_its_markers_aloud() -> None:
    with pytest.raises(DiagramError, match="picture: the page needs"):
        diagram.fill("no markers", {"picture": "x"})
