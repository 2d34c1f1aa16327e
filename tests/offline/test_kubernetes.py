"""The simulated kubernetes provider: schemas at every depth, names, replacement, outputs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from offline import computed, kubernetes_objects, schema, schema_source, schema_types
from offline import provider_wire as wire
from offline.computed import Context
from offline.provider_diff import changes
from offline.schema_types import ListOf, MapOf, Nested, OneOf, Property, Type

CRON_JOB = "kubernetes:batch/v1:CronJob"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
NAMESPACE = "kubernetes:core/v1:Namespace"
CONFIG_MAP = "kubernetes:core/v1:ConfigMap"
BINDING = "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding"
KINDS = (
    CRON_JOB,
    DEPLOYMENT,
    NAMESPACE,
    CONFIG_MAP,
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "kubernetes:core/v1:Service",
    "kubernetes:core/v1:ServiceAccount",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    "kubernetes:policy/v1:PodDisruptionBudget",
    "kubernetes:rbac.authorization.k8s.io/v1:Role",
)


def reasons(token: str, **inputs: object) -> list[str]:
    return [str(failure) for failure in schema.check(token, inputs)]


def cron_job(**container: object) -> dict[str, Any]:
    pod = {"containers": [{"name": "a", **container}]}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "spec": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": {"spec": pod}}}},
    }


def nested_classes(kind: Type, seen: set[tuple[Path, str]]) -> Iterator[tuple[Path, str]]:
    match kind:
        case Nested(folder, name):
            place = schema_source.home(folder, name)
            if place not in seen:
                seen.add(place)
                yield folder, name
                for field in (schema_types.properties(folder, name) or {}).values():
                    yield from nested_classes(field.type, seen)
        case ListOf(item) | MapOf(item):
            yield from nested_classes(item, seen)
        case OneOf(options):
            for option in options:
                yield from nested_classes(option, seen)
        case _:
            return


@pytest.mark.parametrize("token", KINDS)
def test_every_nested_class_is_found_however_deep(token: str) -> None:
    fields = schema.schema(token).inputs.values()
    found = [place for field in fields for place in nested_classes(field.type, set())]
    assert found
    assert [place for place in found if schema_types.properties(*place) is None] == []


def test_a_container_deep_in_a_job_is_held_to_its_class() -> None:
    at = "spec.jobTemplate.spec.template.spec.containers[0]"
    assert reasons(CRON_JOB, **cron_job()) == []
    (found,) = reasons(CRON_JOB, **cron_job(securityContext={"privileged": "yes"}))
    assert found == f'{at}.securityContext.privileged: got "yes"; must be true or false'
    (found,) = reasons(CRON_JOB, **cron_job(imagePullPolice="Always"))
    assert found == f"{at}.imagePullPolice: no such property; did you mean 'imagePullPolicy'?"
    (found,) = reasons(CRON_JOB, **cron_job(imagePullPolicy="Sometimes"))
    assert found.startswith(f'{at}.imagePullPolicy: got "Sometimes"; allowed: Always')


def test_metadata_is_checked_across_packages() -> None:
    (found,) = reasons(CRON_JOB, **cron_job(), metadata={"name": "a", "lables": {}})
    assert found.startswith("metadata.lables: no such property; did you mean 'labels'?")


def test_api_version_and_kind_are_those_of_the_type() -> None:
    (found,) = reasons(CRON_JOB, **{**cron_job(), "apiVersion": "batch/v1beta1"})
    assert found.startswith('apiVersion: got "batch/v1beta1"; allowed: batch/v1')


def test_ports_are_numbers_or_names() -> None:
    def service(port: object) -> list[str]:
        ports = [{"port": 80, "targetPort": port}]
        return reasons("kubernetes:core/v1:Service", apiVersion="v1", kind="Service", spec={"ports": ports})

    assert service(8080) == []
    assert service("http") == []
    assert service([8080]) != []


@pytest.mark.parametrize("place", sorted(schema_types.nested_values()))
def test_listed_values_are_of_properties_that_exist(place: str) -> None:
    folder, name = place.split(":")
    root = schema_source.package_folder("kubernetes").parent
    known = schema_types.properties(root / folder, name)
    assert known
    assert set(schema_types.nested_values()[place]) <= set(known)


def test_a_custom_resource_is_held_to_its_own_schema() -> None:
    spec = {"serviceRef": {"name": "web", "port": 80}, "targetGroupARN": "arn:t", "targetType": "ip"}
    right = {"apiVersion": "eks.amazonaws.com/v1", "kind": "TargetGroupBinding", "spec": spec}
    assert reasons(BINDING, **right) == []
    (found,) = reasons(BINDING, **{**right, "spec": {**spec, "targetGroupName": "t"}})
    assert "spec.targetGroupName: no such property; did you mean 'targetGroupARN'?" in found
    assert "spec.serviceRef.port: required" in str(
        reasons(BINDING, **{**right, "spec": {**spec, "serviceRef": {"name": "a"}}})
    )
    with pytest.raises(schema.UnknownTypeError):
        schema.check("kubernetes:eks.amazonaws.com/v1:NodeKlass", right)


@pytest.mark.parametrize(
    ("token", "metadata", "path"),
    [
        (CONFIG_MAP, {"name": "Upper"}, "metadata.name"),
        (CRON_JOB, {"name": "a" * 53}, "metadata.name"),
        (NAMESPACE, {"name": "with.dot"}, "metadata.name"),
        (NAMESPACE, {"name": "a", "namespace": "b"}, "metadata.namespace"),
        (CONFIG_MAP, {"name": "a", "labels": {"k": "a b"}}, "metadata.labels.k"),
    ],
)
def test_names_and_labels_that_the_api_server_refuses(
    token: str, metadata: dict[str, object], path: str
) -> None:
    assert [where for where, _ in kubernetes_objects.problems(token, {"metadata": metadata})] == [path]


def test_an_object_without_a_name_gets_one_and_keeps_it() -> None:
    def named(olds: dict[str, object], metadata: dict[str, object] | None = None) -> Any:
        inputs = {} if metadata is None else {"metadata": metadata}
        return kubernetes_objects.with_name(CONFIG_MAP, "settings", inputs, olds, "0123456789")["metadata"]

    first = named({})
    assert first == {"name": "settings-01234567", "annotations": {"pulumi.com/autonamed": "true"}}
    kept = {"name": "settings-old", "annotations": {"pulumi.com/autonamed": "true"}}
    assert named({"metadata": kept})["name"] == "settings-old"
    assert named({"metadata": {"name": "theirs"}})["name"] == "settings-01234567"
    assert named({"metadata": kept}, {"name": "mine"}) == {"name": "mine"}


def test_kind_and_version_are_filled_in() -> None:
    inputs = kubernetes_objects.with_name(DEPLOYMENT, "web", {}, {}, "0" * 8)
    assert (inputs["apiVersion"], inputs["kind"]) == ("apps/v1", "Deployment")


@pytest.mark.parametrize(
    ("token", "old", "new", "replaces"),
    [
        (DEPLOYMENT, {"spec": {"selector": {"a": "1"}}}, {"spec": {"selector": {"a": "2"}}}, True),
        (DEPLOYMENT, {"spec": {"replicas": 2}}, {"spec": {"replicas": 3}}, False),
        (CRON_JOB, {"spec": {"schedule": "a"}}, {"spec": {"schedule": "b"}}, False),
        (CRON_JOB, {"metadata": {"name": "a"}}, {"metadata": {"name": "b"}}, True),
        (CRON_JOB, {"metadata": {"labels": {"a": "1"}}}, {"metadata": {"labels": {"a": "2"}}}, False),
        (CONFIG_MAP, {"data": {"a": "1"}}, {"data": {"a": "2"}}, True),
        (NAMESPACE, {"metadata": {"namespace": "a"}}, {"metadata": {"namespace": "b"}}, True),
    ],
)
def test_what_replaces_an_object(
    token: str, old: dict[str, object], new: dict[str, object], *, replaces: bool
) -> None:
    (change,) = changes(old, new, immutable=schema.immutable(token))
    assert change.replaces is replaces


def test_an_object_that_keeps_its_name_goes_before_its_replacement_comes() -> None:
    kept = {"metadata": {"name": "a"}}
    automatic = {"metadata": {"name": "a", "annotations": {"pulumi.com/autonamed": "true"}}}
    assert kubernetes_objects.replaced_in_place(kept, kept)
    assert not kubernetes_objects.replaced_in_place(kept, {"metadata": {"name": "b"}})
    assert not kubernetes_objects.replaced_in_place(automatic, automatic)


def test_an_object_is_known_by_namespace_and_name() -> None:
    inputs = {"metadata": {"name": "job", "namespace": "jobs"}}
    assert computed.resource_id(CRON_JOB, "x", inputs, Context()) == "jobs/job"
    assert computed.resource_id(NAMESPACE, "x", {"metadata": {"name": "jobs"}}, Context()) == "jobs"
    assert computed.resource_id(CONFIG_MAP, "x", {"metadata": {"name": "a"}}, Context()) == "default/a"


def test_the_api_server_counts_versions_and_keeps_identity() -> None:
    inputs = {"metadata": {"name": "a", "namespace": "b"}}
    first = computed.computed(CONFIG_MAP, "x", inputs, Context())
    second = computed.computed(CONFIG_MAP, "x", inputs, Context(previous=first))
    assert (first["metadata"]["resourceVersion"], second["metadata"]["resourceVersion"]) == ("1", "2")
    assert first["metadata"]["uid"] == second["metadata"]["uid"]


def test_a_preview_knows_what_was_given_and_no_more() -> None:
    planned = kubernetes_objects.planned({"metadata": {"name": "a"}, "data": {"k": "v"}})
    assert planned["metadata"]["name"] == "a"
    assert planned["metadata"]["uid"] == wire.UNKNOWN
    assert planned["data"] == {"k": "v"}


def test_unknown_metadata_passes() -> None:
    assert kubernetes_objects.problems(CONFIG_MAP, {"metadata": {"name": wire.UNKNOWN}}) == []
    assert reasons(CONFIG_MAP, apiVersion="v1", kind="ConfigMap", metadata=wire.UNKNOWN) == []
    given = {"metadata": wire.UNKNOWN}
    assert kubernetes_objects.with_name(CONFIG_MAP, "a", given, {}, "0")["metadata"] == wire.UNKNOWN


def test_provider_properties_are_those_of_the_sdk() -> None:
    assert {"kubeconfig", "clusterIdentifier", "namespace"} <= schema.provider_properties("kubernetes")
    assert {"region", "allowedAccountIds"} <= schema.provider_properties("aws")


def test_a_required_property_is_asked_for() -> None:
    assert schema.schema(CRON_JOB).inputs["spec"].required
    assert isinstance(schema.schema(BINDING).inputs["spec"], Property)
