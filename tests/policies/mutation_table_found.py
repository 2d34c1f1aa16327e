"""Mutations that find what they weaken by following a recorded stack's references, and so fit any system."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from policies import tokens as t
from policies.model import Record
from policies.tokens import canonical
from tests.policies.mutations import Mutation, Records, drop, edit, put, take, together
from tests.policies.scene import allow, res

_ANYWHERE = {"ipProtocol": "tcp", "cidrIpv4": "0.0.0.0/0"}
_REFERENCES = (
    "subnetIds",
    "vpcSubnetIds",
    "subnets",
    "dbSubnetGroupName",
    "subnetGroupName",
    "replicationSubnetGroupId",
)
_DMS = "replicationSubnetGroupId"
_GATEWAY = {"destinationCidrBlock": "0.0.0.0/0", "gatewayId": "igw-0a1b2c3d"}


def _named(record: Record) -> set[str]:
    return {
        value
        for value in (record.outputs.get("id"), record.outputs.get("name"), record.inputs.get(_DMS))
        if isinstance(value, str)
    }


def _subnets(records: Records, holder: Mapping[str, Any]) -> Iterator[str]:
    """Ids of the subnets that the properties name, by a subnet group or at any depth."""
    for key, value in holder.items():
        if isinstance(value, dict):
            yield from _subnets(records, value)
        elif key in _REFERENCES and isinstance(value, list):
            yield from value
        elif key in _REFERENCES:
            for group in records:
                if value in _named(group):
                    yield from group.inputs.get("subnetIds", ())


def _public_route(token: str) -> Mutation:
    """The subnets of the first resource of a type get a way in from the internet."""

    def apply(records: Records) -> tuple[Records, str] | None:
        target = next((r for r in records if canonical(r.type) == token), None)
        if target is None:
            return None
        wanted = set(_subnets(records, target.inputs))
        tables = {
            r.inputs["routeTableId"]
            for r in records
            if r.type == t.ROUTE_TABLE_ASSOCIATION and r.inputs.get("subnetId") in wanted
        }
        routes = [
            res(t.ROUTE, f"way-in-{index}", {**_GATEWAY, "routeTableId": table})
            for index, table in enumerate(sorted(tables))
        ]
        return [*records, *routes], target.urn

    return Mutation(apply)


def _open_group(token: str) -> Mutation:
    """The first security group of the first resource of a type lets the internet in."""

    def apply(records: Records) -> tuple[Records, str] | None:
        for target in records:
            found = [target.inputs.get(key) for key in ("vpcSecurityGroupIds", "securityGroupIds")]
            groups = next((value for value in found if value), None)
            if canonical(target.type) == token and groups:
                rule = res(
                    t.SG_INGRESS,
                    "way-in",
                    {**_ANYWHERE, "securityGroupId": groups[0], "fromPort": 5432, "toPort": 5432},
                )
                return [*records, rule], target.urn
        return None

    return Mutation(apply)


def _half_a_path_each() -> Mutation:
    """A role's policy may start machines, and another policy of the role may pass roles."""

    def apply(records: Records) -> tuple[Records, str] | None:
        target = next((r for r in records if r.type == t.IAM_ROLE_POLICY), None)
        if target is None:
            return None

        def with_statement(action: str) -> dict[str, Any]:
            document = json.loads(target.inputs["policy"])
            document["Statement"] = [*document["Statement"], allow([action], "*")]
            return {**target.inputs, "policy": json.dumps(document)}

        first = replace(target, inputs=with_statement("ec2:RunInstances"))
        second = replace(target, inputs=with_statement("iam:PassRole"), urn=f"{target.urn}-2", outputs={})
        return [*(first if r is target else r for r in records), second], target.urn

    return Mutation(apply)


def _secondary(record: Record) -> bool:
    return any(each.get("type") == "SECONDARY" for each in record.inputs.get("failoverRoutingPolicies") or ())


_STORES = (t.DB, t.DB_CLUSTER, t.DB_PROXY, t.CACHE_GROUP, t.CACHE_SERVERLESS)
_OPENED = {"fromPort": None, "toPort": None, "referencedSecurityGroupId": None, **_ANYWHERE}

FOUND: dict[str, list[Mutation]] = {
    "data-store-unreachable": [
        *(_open_group(token) for token in _STORES),
        *(_public_route(token) for token in _STORES),
    ],
    "batch-private-subnets": [_public_route(t.BATCH_ENVIRONMENT)],
    "dms-private-subnets": [_public_route(t.DMS_CONFIG)],
    "eks-private-subnets": [_public_route(t.EKS_CLUSTER)],
    "sg-no-open-admin-ports": [
        edit(t.SG_INGRESS, lambda i: i.update({**_OPENED, "fromPort": 22, "toPort": 22})),
        edit(t.SG_INGRESS, lambda i: i.update({**_OPENED, "ipProtocol": "-1"})),
    ],
    "sg-open-ports-authorised": [
        edit(t.SG_INGRESS, lambda i: i.update({**_OPENED, "fromPort": 6379, "toPort": 6379}))
    ],
    "iam-role-no-escalation": [_half_a_path_each()],
    "sqs-visibility": [put(t.QUEUE, "visibilityTimeoutSeconds", 1)],
    "sqs-consumed-with-dead-letters": [
        take(t.QUEUE, "redrivePolicy", where=lambda r: "redrivePolicy" in r.inputs)
    ],
    "apigateway-authorised": [
        put(t.API_RESOURCE, "pathPart", "accounts-of-everyone"),
        put(t.API_METHOD, "apiKeyRequired", False, where=lambda r: bool(r.inputs.get("apiKeyRequired"))),
    ],
    "apigateway-client-certificate": [put("aws:apigateway/integration:Integration", "type", "HTTP_PROXY")],
    "ecs-reaches-its-services": [together(drop(t.ROUTE, every=True), drop(t.VPC_ENDPOINT, every=True))],
    "lambda-failures-kept": [
        together(take(t.FUNCTION, "deadLetterConfig"), drop(t.FUNCTION_EVENT_CONFIG, every=True))
    ],
    "route53-failover-paired": [take(t.RECORD, "failoverRoutingPolicies", where=_secondary)],
    "rds-enhanced-monitoring": [put(t.DB, "monitoringInterval", 0)],
    "rds-minor-upgrades": [put(t.DB, "autoMinorVersionUpgrade", False)],
    "rds-tags-to-snapshots": [put(t.DB, "copyTagsToSnapshot", False)],
}
