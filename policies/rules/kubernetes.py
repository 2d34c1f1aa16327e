"""Objects of a Kubernetes cluster."""

import json
from collections.abc import Iterator
from typing import cast

from policies import tokens as t
from policies.checks import every, off, on, one_of, present
from policies.containers import DIGEST
from policies.model import Graph, Resource
from policies.pods import WORKLOADS, pod, pod_containers
from policies.rule import Found, rule, stack_rule
from policies.secrets import exposed
from policies.values import UNKNOWN, Props

_HOST = ("hostNetwork", "hostPID", "hostIPC")
_PROFILES = {"RuntimeDefault", "Localhost"}
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
    id="kubernetes-not-privileged",
    title="Containers have no privileges of the node",
    severity="critical",
    enforcement="M",
    types=WORKLOADS,
    why="A privileged container is root on its node, and on every pod beside it.",
    fix="Leave securityContext.privileged false.",
)
def kubernetes_not_privileged(r: Resource) -> Found:
    return every(pod_containers(r), lambda c: off(c, "securityContext.privileged"))


@rule(
    id="kubernetes-no-host-access",
    title="Pods share nothing with their node",
    severity="high",
    enforcement="M",
    types=WORKLOADS,
    why="The node's network, processes and files lead to its role and to every other pod on it.",
    fix="Leave hostNetwork, hostPID, hostIPC, hostPath volumes and hostPort out.",
)
def kubernetes_no_host_access(r: Resource) -> Found:
    spec = pod(r)
    for name in _HOST:
        yield off(spec, name)
    for volume in spec.blocks("volumes"):
        if volume.has("hostPath"):
            yield f"{volume.where('hostPath')} is set"
    for container in pod_containers(r):
        for port in container.blocks("ports"):
            if port.has("hostPort"):
                yield f"{port.where('hostPort')} is set"


@rule(
    id="kubernetes-not-root",
    title="Containers run as a user that is not root",
    severity="high",
    enforcement="M",
    types=WORKLOADS,
    why="Root in a container is one kernel bug away from root on the node.",
    fix="Set securityContext.runAsNonRoot true and a runAsUser other than 0.",
)
def kubernetes_not_root(r: Resource) -> Found:
    spec = pod(r)
    whole = spec.flag("securityContext.runAsNonRoot")

    def fault(container: Props) -> str | None:
        for props in (container, spec):
            if props.number("securityContext.runAsUser") == 0:
                return f"{props.where('securityContext.runAsUser')} is 0"
        return on(container, "securityContext.runAsNonRoot", default=whole)

    return every(pod_containers(r), fault)


@rule(
    id="kubernetes-read-only-root",
    title="Containers cannot write their own image",
    severity="medium",
    enforcement="M",
    types=WORKLOADS,
    why="What breaks in cannot leave a program behind or change the one that runs.",
    fix="Set securityContext.readOnlyRootFilesystem, and mount an emptyDir at each path to be written.",
)
def kubernetes_read_only_root(r: Resource) -> Found:
    return every(pod_containers(r), lambda c: on(c, "securityContext.readOnlyRootFilesystem"))


@rule(
    id="kubernetes-no-capabilities",
    title="Containers give up the kernel's capabilities",
    severity="medium",
    enforcement="M",
    types=WORKLOADS,
    why="The default set lets a container forge packets and change file owners.",
    fix="Set securityContext.capabilities.drop [ALL] and add nothing.",
)
def kubernetes_no_capabilities(r: Resource) -> Found:
    return every(pod_containers(r), _capabilities)


def _capabilities(container: Props) -> str | None:
    path = "securityContext.capabilities"
    if "ALL" not in {name.upper() for name in container.strings(f"{path}.drop")}:
        return f"{container.where(path)}.drop lacks ALL"
    added = container.strings(f"{path}.add")
    return f"{container.where(path)}.add is {', '.join(added)}" if added else None


@rule(
    id="kubernetes-no-escalation",
    title="No process gets more privileges than its parent",
    severity="high",
    enforcement="M",
    types=WORKLOADS,
    why="A setuid binary in an image otherwise makes root of any user.",
    fix="Set securityContext.allowPrivilegeEscalation false.",
)
def kubernetes_no_escalation(r: Resource) -> Found:
    return every(
        pod_containers(r), lambda c: off(c, "securityContext.allowPrivilegeEscalation", default=True)
    )


@rule(
    id="kubernetes-seccomp",
    title="Containers make only the system calls that their runtime lets through",
    severity="medium",
    enforcement="M",
    types=WORKLOADS,
    why="Most ways out of a container go through a call that no application makes.",
    fix="Set securityContext.seccompProfile.type RuntimeDefault.",
)
def kubernetes_seccomp(r: Resource) -> Found:
    path = "securityContext.seccompProfile.type"
    whole = pod(r).text(path, "Unconfined")
    return every(pod_containers(r), lambda c: one_of(c, path, _PROFILES, default=whole))


@rule(
    id="kubernetes-limits",
    title="Containers say what they need and what they may take at most",
    severity="medium",
    enforcement="M",
    types=WORKLOADS,
    why="One that takes all memory has its neighbours ended, and the autoscaler counts in requests.",
    fix="Set resources.requests and resources.limits for cpu and memory.",
)
def kubernetes_limits(r: Resource) -> Found:
    def fault(container: Props) -> str | None:
        paths = [f"resources.{kind}.{what}" for kind in ("requests", "limits") for what in ("cpu", "memory")]
        return next(filter(None, (present(container, path) for path in paths)), None)

    return every(pod_containers(r), fault)


@rule(
    id="kubernetes-image-by-digest",
    title="Containers name their image by digest",
    severity="medium",
    enforcement="M",
    types=WORKLOADS,
    why="A tag can be moved to other bytes: pods of one Deployment would then differ.",
    fix="Name the image as repository@sha256:...",
)
def kubernetes_image_by_digest(r: Resource) -> Found:
    return every(pod_containers(r), _digest)


def _digest(container: Props) -> str | None:
    image = container.text("image")
    return None if DIGEST in image else f"{container.where('image')} is {image or 'absent'}"


@rule(
    id="kubernetes-no-secret-in-text",
    title="No secret stands in an object's text",
    severity="critical",
    enforcement="M",
    types=(*WORKLOADS, t.K8S_CONFIG_MAP, t.K8S_SECRET),
    why="Whoever may read the object or the state file reads it.",
    fix="Have the pod read it with its role, or let an operator in the cluster fill a Secret.",
)
def kubernetes_no_secret_in_text(r: Resource) -> Found:
    match r.type:
        case t.K8S_SECRET:
            for path in ("data", "stringData"):
                if r.has(path):
                    yield f"{path} holds {', '.join(sorted(r.mapping(path)))}"
        case t.K8S_CONFIG_MAP:
            for name, value in sorted(r.mapping("data").items()):
                if fault := exposed(name, value):
                    yield f"data: {name} {fault}"
        case _:
            for container in pod_containers(r):
                yield from _variables(container)


def _variables(container: Props) -> Iterator[str]:
    for variable in container.blocks("env"):
        if variable.has("value") and (fault := exposed(variable.text("name"), variable.raw("value"))):
            yield f"{container.where('env')}: {variable.text('name')} {fault}"


@rule(
    id="kubernetes-own-identity",
    title="Pods have a service account of their own, and no token for the cluster's API",
    severity="medium",
    enforcement="M",
    types=(*WORKLOADS, t.K8S_SERVICE_ACCOUNT),
    why="Who takes over a container would ask the cluster's API in its name.",
    fix="Set serviceAccountName, and automountServiceAccountToken false on pod and account.",
)
def kubernetes_own_identity(r: Resource) -> Found:
    if r.type == t.K8S_SERVICE_ACCOUNT:
        yield off(r, "automountServiceAccountToken", default=True)
        return
    spec = pod(r)
    yield off(spec, "automountServiceAccountToken", default=True)
    if not spec.has("serviceAccountName") or spec.raw("serviceAccountName") == "default":
        yield f"{spec.where('serviceAccountName')} is default"


@rule(
    id="kubernetes-cron-job-bounded",
    title="A run by the clock ends, and never meets the next",
    severity="medium",
    enforcement="M",
    types=(t.K8S_CRON_JOB,),
    why="A run that hangs otherwise holds the next ones up, or runs beside them on the same data.",
    fix="Set concurrencyPolicy Forbid, startingDeadlineSeconds and jobTemplate.spec.activeDeadlineSeconds.",
)
def kubernetes_cron_job_bounded(r: Resource) -> Found:
    yield one_of(r, "spec.concurrencyPolicy", {"Forbid", "Replace"}, default="Allow")
    yield present(r, "spec.startingDeadlineSeconds")
    yield present(r, "spec.jobTemplate.spec.activeDeadlineSeconds")


@rule(
    id="kubernetes-probed",
    title="Kubernetes can tell whether an application lives and is ready",
    severity="medium",
    enforcement="M",
    types=(t.K8S_DEPLOYMENT, t.K8S_STATEFUL_SET),
    why="A release that does not start is otherwise taken for a good one, and people are sent to it.",
    fix="Set livenessProbe and readinessProbe.",
)
def kubernetes_probed(r: Resource) -> Found:
    for container in pod(r).blocks("containers"):
        yield present(container, "livenessProbe")
        yield present(container, "readinessProbe")


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
