"""Rules over every resource: tags, region, protection."""

from policies.model import Graph, Resource
from policies.replicas import is_local_copy
from policies.rule import ANY, Found, rule, stack_rule
from policies.taggable import TAGGABLE
from policies.tokens import (
    BACKUP_VAULT,
    BUCKET,
    CACHE_GROUP,
    CACHE_SERVERLESS,
    CERTIFICATE,
    CERTIFICATE_VALIDATION,
    DB,
    DB_CLUSTER,
    DYNAMODB,
    ECR_REPOSITORY,
    EFS,
    KMS_KEY,
    LOG_GROUP,
    MSK,
    SECRET,
    WAF,
    WAF_LOGGING,
    canonical,
)

DATA_STORES = (
    BACKUP_VAULT,
    BUCKET,
    CACHE_GROUP,
    CACHE_SERVERLESS,
    DB,
    DB_CLUSTER,
    DYNAMODB,
    ECR_REPOSITORY,
    EFS,
    KMS_KEY,
    MSK,
    SECRET,
)
_PROVIDER = "pulumi:providers:aws"
_EDGE_TYPES = frozenset(
    {
        CERTIFICATE,
        CERTIFICATE_VALIDATION,
        WAF,
        WAF_LOGGING,
        LOG_GROUP,
        "aws:wafv2/ipSet:IpSet",
        "aws:wafv2/ruleGroup:RuleGroup",
        "aws:cloudwatch/logDelivery:LogDelivery",
        "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination",
        "aws:cloudwatch/logDeliverySource:LogDeliverySource",
        "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        KMS_KEY,
        "aws:kms/alias:Alias",
        _PROVIDER,
    }
)
"""What CloudFront needs beside it in its own region."""


@rule(
    id="tags-required",
    title="Everything that can carry tags carries the required ones",
    pack="operations",
    severity="low",
    enforcement="M",
    types=tuple(sorted({canonical(token) for token in TAGGABLE})),
    settings=("requiredTags",),
    why="Cost, ownership and clean-up are all found by tag.",
    fix="Let the program's tagging transform add them; the keys are in requiredTags.",
)
def tags_required(r: Resource) -> Found:
    tags = r.mapping("tags")
    missing = [key for key in r.config.required_tags if tags.get(key) in (None, "")]
    return f"tags lack {', '.join(missing)}" if missing else None


@rule(
    id="region-allowed",
    title="Resources live in an allowed region",
    severity="high",
    enforcement="M",
    types=(ANY, _PROVIDER),
    settings=("allowedRegions", "edgeRegion"),
    why="Data in another region is under other laws, and under no one's watch.",
    fix="Take the region argument away, or add the region to allowedRegions.",
)
def region_allowed(r: Resource) -> Found:
    if not r.type.startswith(("aws:", _PROVIDER)):
        return None
    allowed = set(r.config.allowed_regions)
    if r.type in _EDGE_TYPES:
        allowed.add(r.config.edge_region)
    region = r.text("region")
    if not region or region in allowed:
        return None
    return f"region is {region}; allowed: {', '.join(sorted(allowed))}"


@stack_rule(
    id="data-store-protected",
    title="The engine refuses to delete or replace a data store",
    pack="reliability",
    severity="high",
    enforcement="M",
    types=DATA_STORES,
    prod_only=True,
    why="A rename in code must not be able to drop data.",
    fix="Make it with protect=True; unlocking takes a deployment of its own.",
)
def data_store_protected(r: Resource, graph: Graph) -> Found:  # noqa: ARG001 - a stack rule's signature
    if is_local_copy(r):
        return None
    return None if r.protect else "opts.protect is not set"
