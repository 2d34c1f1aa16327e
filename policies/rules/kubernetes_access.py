"""What holds for a Kubernetes cluster as a whole: namespaces, networks, rights and ways in."""

import json
from typing import cast

from policies import tokens as t
from policies.checks import one_of
from policies.model import Graph, Resource
from policies.rule import Found, rule, stack_rule
from policies.values import UNKNOWN, Props

_CREDENTIALS = (
    "auth-provider",
    "client-certificate-data",
    "client-key-data",
    "password",
    "token",
    "tokenFile",
)
_ENFORCE = "pod-security.kubernetes.io/enforce"


@rule(
    id="kubernetes-pod-security",
    title="A namespace refuses pods that ask for too much",
    severity="high",
    enforcement="M",
    types=(t.K8S_NAMESPACE,),
    why="What this pack demands of pods holds only for pods made here.",
    fix=f"Label the namespace {_ENFORCE} restricted.",
)
def kubernetes_pod_security(r: Resource) -> Found:
    level = r.mapping("metadata.labels").get(_ENFORCE)
    return None if level == "restricted" else f"{_ENFORCE} is {level or 'absent'}"


@stack_rule(
    id="kubernetes-network-policy",
    title="Pods of a namespace speak to nobody unless a policy says so",
    severity="high",
    enforcement="M",
    types=(t.K8S_NAMESPACE,),
    why="By default every pod reaches every other, and whatever its node reaches.",
    fix="Make a NetworkPolicy with an empty podSelector, both policyTypes and no rule.",
)
def kubernetes_network_policy(r: Resource, graph: Graph) -> Found:
    policies = [p for p in graph.of(t.K8S_NETWORK_POLICY) if _within(p, r, graph)]
    if any(_denies_all(policy) for policy in policies):
        return None
    # A name that is not known yet, and that no policy is seen to wait for, could be any policy's.
    return f"no NetworkPolicy of {r.text('metadata.name')} closes both directions for every pod"


def _within(policy: Resource, namespace: Resource, graph: Graph) -> bool:
    name, wanted = policy.raw("metadata.namespace"), namespace.raw("metadata.name")
    if UNKNOWN in (name, wanted):
        return graph.depends(policy, namespace)
    return name == wanted


def _denies_all(policy: Resource) -> bool:
    return (
        not policy.has("spec.podSelector.matchLabels")
        and not policy.has("spec.podSelector.matchExpressions")
        and {"Egress", "Ingress"} <= set(policy.strings("spec.policyTypes"))
        and not policy.has("spec.ingress")
        and not policy.has("spec.egress")
    )


@rule(
    id="kubernetes-no-unplanned-load-balancer",
    title="No object makes a load balancer behind the program's back",
    severity="high",
    enforcement="M",
    types=(t.K8S_INGRESS, t.K8S_SERVICE),
    why="It shows in no plan, and has none of this program's logs, firewall and locks.",
    fix="Make the load balancer here, and bind the Service to its target group.",
)
def kubernetes_no_unplanned_load_balancer(r: Resource) -> Found:
    if r.type == t.K8S_INGRESS:
        return "an Ingress makes a load balancer"
    return one_of(r, "spec.type", {"ClusterIP", "NodePort"}, default="ClusterIP")


@rule(
    id="kubernetes-no-wildcard-rights",
    title="No role in the cluster allows everything",
    severity="high",
    enforcement="M",
    types=(t.K8S_CLUSTER_ROLE, t.K8S_CLUSTER_ROLE_BINDING, t.K8S_ROLE, t.K8S_ROLE_BINDING),
    why="Such a role reads every secret and starts any pod.",
    fix="Name apiGroups, resources and verbs; bind no one to cluster-admin.",
)
def kubernetes_no_wildcard_rights(r: Resource) -> Found:
    if r.type in (t.K8S_CLUSTER_ROLE_BINDING, t.K8S_ROLE_BINDING):
        if r.text("roleRef.name") == "cluster-admin":
            yield "roleRef.name is cluster-admin"
        return
    for block in r.blocks("rules"):
        for path in ("verbs", "resources"):
            if "*" in block.strings(path):
                yield f"{block.where(path)} holds *"


@rule(
    id="kubernetes-no-credential",
    title="A provider's kubeconfig holds no credential",
    severity="critical",
    enforcement="M",
    types=(t.K8S_PROVIDER,),
    why="It would stand in the state, and open the cluster to whoever reads that.",
    fix="Let users.exec call aws eks get-token, which asks for a token each time.",
)
def kubernetes_no_credential(r: Resource) -> Found:
    text = r.text("kubeconfig")
    try:
        document: object = json.loads(text)
    except ValueError:
        return "kubeconfig is no JSON, so what it holds cannot be told"
    users = Props(cast("dict[str, object]", document)).blocks("users")
    named = {name for user in users for name in user.mapping("user")}
    return [f"kubeconfig: users hold {name}" for name in _CREDENTIALS if name in named]
