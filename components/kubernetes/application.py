"""An application that a cluster keeps running behind a load balancer of this program."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.apps import v1 as apps
from pulumi_kubernetes.autoscaling import v2 as autoscaling
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.meta import v1 as meta
from pulumi_kubernetes.policy import v1 as policy

from components import runtime_owned
from components.compute.eks_pod_role import EksPodRole, EksPodRoleArgs
from components.kubernetes.cluster import object_options
from components.kubernetes.namespace import Namespace
from components.kubernetes.pod import APP_LABEL, PodArgs, Probes, pod_spec
from components.kubernetes.workload import service_account
from components.security.iam import Statement

HTTP = "http"
_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """Pods by their CPU, in percent of what they request. The cluster needs its metrics server."""

    min_pods: int
    max_pods: int
    cpu_percent: int
    scale_in_seconds: int = 300
    """How long fewer pods must have been enough before some are taken away."""

    def __post_init__(self) -> None:
        if not 1 <= self.min_pods <= self.max_pods:
            raise ValueError(
                f"min_pods, max_pods: got {self.min_pods} and {self.max_pods}; at least 1, in order"
            )
        if not 10 <= self.cpu_percent <= 90:
            raise ValueError(f"cpu_percent: got {self.cpu_percent}; allowed 10 to 90")
        if not 0 <= self.scale_in_seconds <= 3600:
            raise ValueError(f"scale_in_seconds: got {self.scale_in_seconds}; allowed 0 to 3600")


@dataclass(frozen=True, kw_only=True)
class ApplicationArgs:
    """``pod.ports`` has one port, named ``http``. ``target_group_arn`` is of a target group with target type
    ``ip`` that carries the cluster's tag (``EksCluster.target_group_tags``).
    """

    namespace: Namespace
    app_name: str
    pod: PodArgs
    replicas: int
    """At first; with ``scaling`` the autoscaler counts from then on."""
    liveness_path: str
    readiness_path: str
    target_group_arn: pulumi.Input[str]
    scaling: Scaling | None = None
    start_seconds: int = 120
    """The longest that a pod may take until it is alive; a JVM needs most of it."""
    drain_seconds: int = 15
    """A pod that leaves goes on answering this long: the load balancer hears of it later."""
    grace_seconds: int = 60
    statements: Sequence[Statement] = ()
    """What the code may do in AWS."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.app_name):
            raise ValueError(
                f"app_name: got {self.app_name!r}; 63 lower-case letters, digits and dashes at most, a "
                "letter first"
            )
        if list(self.pod.ports) != [HTTP]:
            raise ValueError(f"pod.ports: got {list(self.pod.ports)}; one, named {HTTP}")
        if self.replicas < 2:
            raise ValueError(f"replicas: got {self.replicas}; 2 or more, or a node that leaves is an outage")
        if self.scaling and not self.scaling.min_pods <= self.replicas <= self.scaling.max_pods:
            raise ValueError(
                f"replicas: got {self.replicas}; from min_pods ({self.scaling.min_pods}) to max_pods "
                f"({self.scaling.max_pods})"
            )
        for name, path in (("liveness_path", self.liveness_path), ("readiness_path", self.readiness_path)):
            if not path.startswith("/"):
                raise ValueError(f"{name}: got {path!r}; start it with /")
        if self.drain_seconds >= self.grace_seconds:
            raise ValueError(
                f"drain_seconds: got {self.drain_seconds}; below grace_seconds ({self.grace_seconds})"
            )
        if not self.namespace.cluster.auto_mode:
            raise ValueError(
                "namespace: its cluster has nothing that registers pods with a load balancer: give the "
                "cluster AutoMode"
            )


class Application(pulumi.ComponentResource):
    """Deployment, disruption budget, spread over zones, autoscaler, Service, and the binding of its pods to a
    target group.

    An Ingress is left out: it would have the cluster make a load balancer that no plan shows, without this
    program's logs, firewall, names and deletion lock. The binding only registers pods.
    """

    deployment: apps.Deployment
    service: core.Service
    binding: pulumi.CustomResource
    autoscaler: autoscaling.HorizontalPodAutoscaler | None
    role: EksPodRole
    role_arn: pulumi.Output[str]
    deployment_name: pulumi.Output[str]

    def __init__(self, name: str, args: ApplicationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:kubernetes:Application", name, None, opts)
        self._name = name
        self._args = args
        self._labels = {APP_LABEL: args.app_name}
        self._selector = meta.LabelSelectorArgs(match_labels=self._labels)
        self.role = EksPodRole(
            f"{name}-identity",
            EksPodRoleArgs(
                cluster=args.namespace.cluster,
                namespace=args.namespace.name,
                service_account=args.app_name,
                description=f"What {name} may do",
                statements=args.statements,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.role_arn = self.role.role_arn
        self._account = service_account(self, f"{name}-account", args.app_name, args.namespace, self.role)
        self.deployment = self._build_deployment()
        self.deployment_name = self.deployment.metadata.apply(lambda made: made.name or "")
        self._build_disruption_budget()
        self.service = self._build_service()
        self.binding = self._build_binding()
        self.autoscaler = self._build_autoscaler(args.scaling) if args.scaling else None
        self.register_outputs({"deploymentName": self.deployment_name, "roleArn": self.role_arn})

    def _metadata(self) -> meta.ObjectMetaArgs:
        return meta.ObjectMetaArgs(
            name=self._args.app_name, namespace=self._args.namespace.namespace_name, labels=self._labels
        )

    def _options(self, *, ignore: list[str] | None = None) -> pulumi.ResourceOptions:
        return object_options(self, self._args.namespace.cluster, ignore=ignore)

    def _build_deployment(self) -> apps.Deployment:
        args = self._args
        template = core.PodTemplateSpecArgs(
            metadata=meta.ObjectMetaArgs(labels=self._labels),
            spec=pod_spec(
                args.app_name,
                args.pod,
                service_account=self._account.metadata.apply(lambda made: made.name or ""),
                restart="Always",
                probes=self._probes(),
                grace_seconds=args.grace_seconds,
                drain_seconds=args.drain_seconds,
                spread=[self._spread()],
            ),
        )
        owned = runtime_owned.ignore_changes("kubernetes:apps/v1:Deployment") if args.scaling else None
        return apps.Deployment(
            f"{self._name}-deployment",
            metadata=self._metadata(),
            spec=apps.DeploymentSpecArgs(
                replicas=args.replicas,
                revision_history_limit=5,
                progress_deadline_seconds=args.start_seconds + 300,
                selector=self._selector,
                # One more than asked for at a time, and never one less.
                strategy=apps.DeploymentStrategyArgs(
                    type="RollingUpdate",
                    rolling_update=apps.RollingUpdateDeploymentArgs(max_surge=1, max_unavailable=0),
                ),
                template=template,
            ),
            opts=self._options(ignore=owned),
        )

    def _probes(self) -> Probes:
        args = self._args

        def probe(path: str, *, period: int, failures: int) -> core.ProbeArgs:
            return core.ProbeArgs(
                http_get=core.HTTPGetActionArgs(path=path, port=HTTP, scheme="HTTP"),
                period_seconds=period,
                timeout_seconds=3,
                failure_threshold=failures,
            )

        return Probes(
            start=probe(args.liveness_path, period=5, failures=-(-args.start_seconds // 5)),
            liveness=probe(args.liveness_path, period=10, failures=3),
            readiness=probe(args.readiness_path, period=5, failures=2),
        )

    def _spread(self) -> core.TopologySpreadConstraintArgs:
        """Even over zones. Unevenly rather than not at all: a zone that is gone must not stop a start."""
        return core.TopologySpreadConstraintArgs(
            topology_key="topology.kubernetes.io/zone",
            max_skew=1,
            when_unsatisfiable="ScheduleAnyway",
            label_selector=self._selector,
        )

    def _build_disruption_budget(self) -> policy.PodDisruptionBudget:
        return policy.PodDisruptionBudget(
            f"{self._name}-disruption",
            metadata=self._metadata(),
            spec=policy.PodDisruptionBudgetSpecArgs(
                max_unavailable=1,
                selector=self._selector,
                # A pod that is not ready anyway must not keep a node from being replaced.
                unhealthy_pod_eviction_policy="AlwaysAllow",
            ),
            opts=self._options(),
        )

    def _build_service(self) -> core.Service:
        return core.Service(
            f"{self._name}-service",
            metadata=self._metadata(),
            spec=core.ServiceSpecArgs(
                type="ClusterIP",
                selector=self._labels,
                ports=[core.ServicePortArgs(name=HTTP, port=80, target_port=HTTP, protocol="TCP")],
            ),
            opts=self._options(),
        )

    def _build_binding(self) -> pulumi.CustomResource:
        service = self.service.metadata.apply(lambda made: made.name)
        return kubernetes.apiextensions.CustomResource(
            f"{self._name}-binding",
            api_version="eks.amazonaws.com/v1",
            kind="TargetGroupBinding",
            metadata=self._metadata(),
            spec={
                "serviceRef": {"name": service, "port": 80},
                "targetGroupARN": self._args.target_group_arn,
                "targetType": "ip",
            },
            opts=self._options(),
        )

    def _build_autoscaler(self, scaling: Scaling) -> autoscaling.HorizontalPodAutoscaler:
        cpu = autoscaling.MetricSpecArgs(
            type="Resource",
            resource=autoscaling.ResourceMetricSourceArgs(
                name="cpu",
                target=autoscaling.MetricTargetArgs(
                    type="Utilization", average_utilization=scaling.cpu_percent
                ),
            ),
        )
        return autoscaling.HorizontalPodAutoscaler(
            f"{self._name}-autoscaler",
            metadata=self._metadata(),
            spec=autoscaling.HorizontalPodAutoscalerSpecArgs(
                min_replicas=scaling.min_pods,
                max_replicas=scaling.max_pods,
                scale_target_ref=autoscaling.CrossVersionObjectReferenceArgs(
                    api_version="apps/v1", kind="Deployment", name=self.deployment_name
                ),
                metrics=[cpu],
                behavior=autoscaling.HorizontalPodAutoscalerBehaviorArgs(
                    scale_down=autoscaling.HPAScalingRulesArgs(
                        stabilization_window_seconds=scaling.scale_in_seconds
                    )
                ),
            ),
            opts=self._options(),
        )
