"""Clusters as the components make them raise nothing, and a preview can tell."""

from collections.abc import Callable

import pytest

from components.compute.eks_cluster import EksCluster
from components.compute.eks_plan import FargatePods
from components.compute.eks_pod_role import EksPodRole, EksPodRoleArgs
from policies.evaluation import Outcome, evaluate
from policies.settings import PackConfig
from tests.contracts import examples_kubernetes as objects
from tests.contracts.examples_clusters import cluster_args
from tests.harness import deploy
from tests.policies.recorded import records

TAGS = "tags-required"
"""Tags come from the system, and these have none."""

ONLY_UP_KNOWS = {"kubernetes-no-credential"}
"""The kubeconfig has the cluster's address, which nobody knows before."""


def with_insights() -> None:
    EksCluster("shop", cluster_args(insights=True, metrics_server=True))


def on_fargate() -> None:
    args = EksPodRoleArgs(
        cluster=EksCluster("shop", cluster_args(FargatePods(namespaces=["app"]))),
        namespace="app",
        service_account="app",
        description="Example",
    )
    EksPodRole("shop-pod", args)


BUILDS: dict[str, Callable[[], object]] = {
    "application in auto mode": lambda: objects.application("app", None),
    "insights": with_insights,
    "job on nodes": lambda: objects.scheduled_job("job", None),
    "pods on fargate": on_fargate,
}


@pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])
@pytest.mark.parametrize("name", BUILDS)
def test_nothing_is_raised(name: str, *, preview: bool) -> None:
    found = evaluate(records(deploy(BUILDS[name], preview=preview)), PackConfig(environment="prod"))
    assert [(v.rule, v.urn, v.messages) for v in found.failed if v.rule != TAGS] == []


@pytest.mark.parametrize("name", [name for name in BUILDS if name != "pods on fargate"])
def test_a_preview_judges_what_can_be_known(name: str) -> None:
    found = evaluate(records(deploy(BUILDS[name], preview=True)), PackConfig(environment="prod"))
    waiting = {v.rule for v in found.having(Outcome.NOT_EVALUATED)}
    assert {rule for rule in waiting if rule.startswith(("eks-", "iam-", "kubernetes-"))} == ONLY_UP_KNOWS


def test_an_open_api_is_noticed() -> None:
    build = lambda: EksCluster("shop", cluster_args(public_access_cidrs=["203.0.113.0/24"]))  # noqa: E731
    found = evaluate(records(deploy(build)), PackConfig(environment="prod"))
    assert {v.rule for v in found.failed} - {TAGS} == {"eks-private-endpoint"}


def test_a_ruling_creator_is_noticed() -> None:
    build = lambda: EksCluster("shop", cluster_args(creator_is_admin=True))  # noqa: E731
    found = evaluate(records(deploy(build)), PackConfig(environment="prod"))
    assert {v.rule for v in found.failed} - {TAGS} == {"eks-no-creator-admin"}
