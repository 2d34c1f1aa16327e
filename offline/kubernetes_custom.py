"""Custom resources that the program uses: no SDK declares them, so their schemas are written here.

From the custom resource definitions of EKS Auto Mode. Adding a kind is one entry.
"""

from collections.abc import Mapping

from offline.schema_types import Enum, Inline, ListOf, MapOf, OneOf, Property, Scalar, Type

_TEXT = Scalar("str")
_PORT = OneOf((Scalar("int"), _TEXT))


def _object(required: Mapping[str, Type] | None = None, **optional: Type) -> Inline:
    fields = {name: Property(kind, required=True) for name, kind in (required or {}).items()}
    fields |= {name: Property(kind, required=False) for name, kind in optional.items()}
    return Inline(tuple(fields.items()))


_SELECTOR = _object(
    matchLabels=MapOf(_TEXT),
    matchExpressions=ListOf(_object({"key": _TEXT, "operator": _TEXT}, values=ListOf(_TEXT))),
)
_INGRESS = _object(
    {
        "from": ListOf(
            _object(
                ipBlock=_object({"cidr": _TEXT}),
                securityGroup=_object({"groupID": _TEXT}),
            )
        ),
        "ports": ListOf(_object(port=_PORT, protocol=Enum(("TCP", "UDP")))),
    }
)

SPECS: Mapping[str, Inline] = {
    "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding": _object(
        {"serviceRef": _object({"name": _TEXT, "port": _PORT}), "targetGroupARN": _TEXT},
        ipAddressType=Enum(("ipv4", "ipv6")),
        multiClusterTargetGroup=Scalar("bool"),
        networking=_object(ingress=ListOf(_INGRESS)),
        nodeSelector=_SELECTOR,
        targetType=Enum(("instance", "ip")),
        vpcID=_TEXT,
    ),
}
"""``spec`` of each kind, by type token."""
