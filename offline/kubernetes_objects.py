"""What the Kubernetes provider and the API server do to an object, beyond its schema.

Names that nobody gave, what replaces an object instead of changing it, and what comes back from a create.
The sources are the Pulumi provider (automatic names, replacement) and the API conventions of Kubernetes.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

from offline import provider_wire as wire
from offline.provider_wire import Wire

PACKAGE = "kubernetes"
AUTONAMED = "pulumi.com/autonamed"
"""The provider's mark on an object that it named: such a name is kept over updates."""

METADATA_OUTPUTS = ("creationTimestamp", "generation", "name", "namespace", "resourceVersion", "uid")
"""What the API server adds to the metadata that it is given."""

_SUFFIX = 8
"""Hex digits after the dash of an automatic name."""

_IDENTITY = frozenset({"metadata.name", "metadata.namespace", "apiVersion", "kind"})
_IMMUTABLE: Mapping[str, frozenset[str]] = {
    "ConfigMap": frozenset({"data", "binaryData"}),
    "ClusterRoleBinding": frozenset({"roleRef"}),
    "Deployment": frozenset({"spec.selector"}),
    "Job": frozenset({"spec.completions", "spec.selector", "spec.template"}),
    "PersistentVolumeClaim": frozenset({"spec.accessModes", "spec.selector", "spec.storageClassName"}),
    "Pod": frozenset({"spec.containers", "spec.volumes"}),
    "RoleBinding": frozenset({"roleRef"}),
    "Secret": frozenset({"data", "stringData", "type"}),
    "Service": frozenset({"spec.clusterIP"}),
    "StatefulSet": frozenset({"spec.podManagementPolicy", "spec.selector", "spec.volumeClaimTemplates"}),
    "StorageClass": frozenset({"parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"}),
}
"""Paths whose change replaces an object. A ConfigMap and a Secret are replaced, so that what reads them by
name is rolled too."""

_CLUSTER_SCOPED = frozenset(
    {
        "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "IngressClass", "IngressClassParams",
        "MutatingWebhookConfiguration", "Namespace", "NodeClass", "NodePool", "PersistentVolume",
        "PriorityClass", "StorageClass", "ValidatingWebhookConfiguration",
    }
)  # fmt: skip

_LABEL_NAMES = frozenset({"Namespace", "Service"})
"""Kinds whose name is a DNS label; that of others is a DNS subdomain."""

_LONGEST = {"CronJob": 52, "Namespace": 63, "Service": 63}
"""Characters; a CronJob's leave room for what the controller adds to the names of its jobs."""

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"


def is_object(token: str) -> bool:
    return token.startswith(f"{PACKAGE}:")


def kind(token: str) -> str:
    return token.rsplit(":", 1)[-1]


def immutable(token: str) -> frozenset[str]:
    """Paths that cannot change in place."""
    return _IDENTITY | _IMMUTABLE.get(kind(token), frozenset())


def with_name(
    token: str, name: str, inputs: Mapping[str, Wire], olds: Mapping[str, Wire], digest: str
) -> dict[str, Wire]:
    """The inputs with ``apiVersion``, ``kind`` and a name; one that the provider made before is kept."""
    completed = dict(inputs)
    completed.setdefault("apiVersion", token.split(":")[1])
    completed.setdefault("kind", kind(token))
    metadata = _object(completed.get("metadata"))
    if metadata is None or metadata.get("name") is not None or metadata.get("generateName") is not None:
        return completed
    before = _object(olds.get("metadata")) or {}
    notes = _object(before.get("annotations")) or {}
    kept = before.get("name") if notes.get(AUTONAMED) == "true" else None
    annotations = {**(_object(metadata.get("annotations")) or {}), AUTONAMED: "true"}
    automatic = kept or f"{name}-{digest[:_SUFFIX]}"
    completed["metadata"] = {**metadata, "name": automatic, "annotations": annotations}
    return completed


def problems(token: str, inputs: Mapping[str, Wire]) -> list[tuple[str, str]]:
    """What the API server would refuse in the metadata, as path and reason."""
    metadata = _object(inputs.get("metadata")) or {}
    name = wire.unwrap(metadata.get("name"))
    found: list[tuple[str, str]] = []
    if isinstance(name, str) and name != wire.UNKNOWN:
        most = _LONGEST.get(kind(token), 253)
        pattern = _LABEL if kind(token) in _LABEL_NAMES else rf"{_LABEL}(\.{_LABEL})*"
        if len(name) > most or not re.fullmatch(pattern, name):
            found.append(
                (
                    "metadata.name",
                    f"got {name!r}; at most {most} lower-case letters, digits and dashes, a letter or digit "
                    "first and last",
                )
            )
    if kind(token) in _CLUSTER_SCOPED and metadata.get("namespace") is not None:
        found.append(("metadata.namespace", f"got one, and a {kind(token)} belongs to no namespace"))
    for key, value in (_object(metadata.get("labels")) or {}).items():
        text = wire.unwrap(value)
        if isinstance(text, str) and text != wire.UNKNOWN and not _is_label_value(text):
            found.append(
                (
                    f"metadata.labels.{key}",
                    f"got {text!r}; at most 63 letters, digits, dashes, underscores and dots",
                )
            )
    return found


def outputs(
    token: str, inputs: Mapping[str, Wire], previous: Mapping[str, Wire], digest: str
) -> dict[str, Wire]:
    """What the API server fills in: identity, times and counters in the metadata."""
    metadata = _object(inputs.get("metadata")) or {}
    before = _object(previous.get("metadata")) or {}
    version = int(str(before.get("resourceVersion") or 0)) + 1
    filled: dict[str, Wire] = {
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "generation": int(before.get("generation") or 0) + 1,
        "resourceVersion": str(version),
        "uid": f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}",
    }
    if kind(token) not in _CLUSTER_SCOPED:
        filled["namespace"] = "default"
    return {"metadata": {**filled, **metadata}}


def planned(inputs: Mapping[str, Wire]) -> dict[str, Wire]:
    """Outputs in a preview without a reachable cluster: the inputs, and what the API server adds unknown."""
    metadata = _object(inputs.get("metadata")) or {}
    return {**inputs, "metadata": {**dict.fromkeys(METADATA_OUTPUTS, wire.UNKNOWN), **metadata}}


def identifier(token: str, outputs: Mapping[str, Wire]) -> str:
    """``namespace/name``, or the name alone of what belongs to no namespace."""
    metadata = _object(outputs.get("metadata")) or {}
    name, namespace = (str(wire.unwrap(metadata.get(key)) or "") for key in ("name", "namespace"))
    return name if kind(token) in _CLUSTER_SCOPED else f"{namespace}/{name}"


def replaced_in_place(old: Mapping[str, Wire], new: Mapping[str, Wire]) -> bool:
    """Whether the new object takes the old one's name, so that the old one must go first."""
    before, after = _object(old.get("metadata")) or {}, _object(new.get("metadata")) or {}
    named = (_object(after.get("annotations")) or {}).get(AUTONAMED) != "true"
    return named and all(before.get(key) == after.get(key) for key in ("name", "namespace"))


def _is_label_value(text: str) -> bool:
    return len(text) <= 63 and re.fullmatch(r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?", text) is not None


def _object(value: Wire) -> dict[str, Any] | None:
    """The map, {} for nothing, None for what cannot be looked into."""
    value = wire.unwrap(value)
    if value is None:
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None
