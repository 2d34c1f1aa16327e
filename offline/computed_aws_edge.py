"""Computed outputs: API Gateway, CloudFront, WAF, certificates, Route 53."""

from collections.abc import Mapping
from typing import Any

from offline import provider_wire as wire
from offline.computed import Entry, Facts

_API = "arn:aws:apigateway:{region}::"
_CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
"""Hosted zone of every CloudFront distribution, from the AWS General Reference."""
_APIGATEWAY_ZONE = "Z20JF4UZKIW1U8"
"""Hosted zone of regional API Gateway endpoints in ap-northeast-2, from the AWS General Reference."""


def _validation(facts: Facts) -> list[dict[str, str]]:
    """One record for each name; a wildcard and its base share theirs, as with ACM."""
    names = [facts.text("domainName"), *facts.items_of("subjectAlternativeNames")]
    options: list[dict[str, str]] = []
    for name in dict.fromkeys(str(name) for name in names if name and name != wire.UNKNOWN):
        base = name.removeprefix("*.")
        options.append(
            {
                "domainName": name,
                "resourceRecordName": f"_{facts.digest(base)[:32]}.{base}.",
                "resourceRecordType": "CNAME",
                "resourceRecordValue": f"_{facts.digest(f'{base}=')[:32]}.acm-validations.aws.",
            }
        )
    return options if facts.text("validationMethod", "DNS") == "DNS" else []


def _acl_scope(facts: Facts) -> str:
    return "global" if facts.text("scope") == "CLOUDFRONT" else "regional"


def _acl_arn(kind: str) -> Any:
    def arn(facts: Facts) -> str:
        return facts.render("arn:aws:wafv2:{region}:{account}:") + (
            f"{_acl_scope(facts)}/{kind}/{facts['name']}/{facts['uuid']}"
        )

    return arn


def _resource_path(facts: Facts) -> str:
    return f"/{facts.text('pathPart')}"


def _record_id(facts: Facts) -> str:
    """A record that shares its name with others, as one of a failover pair does, has a name of its own."""
    parts = (facts.text(key) for key in ("zoneId", "name", "type", "setIdentifier"))
    return "_".join(part for part in parts if part)


TABLE: Mapping[str, Entry] = {
    "aws:apigateway/restApi:RestApi": {
        "id": "{hex10}",
        "arn": _API + "/restapis/{id}",
        "executionArn": "arn:aws:execute-api:{region}:{account}:{id}",
        "rootResourceId": "r{hex9}",
        "createdDate": "2026-01-01T00:00:00Z",
        "apiKeySource": "HEADER",
    },
    "aws:apigateway/resource:Resource": {"id": "{hex6}", "path": _resource_path},
    "aws:apigateway/method:Method": {"id": "agm-{in_restApi}-{in_resourceId}-{in_httpMethod}"},
    "aws:apigateway/integration:Integration": {"id": "agi-{in_restApi}-{in_resourceId}-{in_httpMethod}"},
    "aws:apigateway/methodResponse:MethodResponse": {
        "id": "agmr-{in_restApi}-{in_resourceId}-{in_httpMethod}-{in_statusCode}"
    },
    "aws:apigateway/integrationResponse:IntegrationResponse": {
        "id": "agir-{in_restApi}-{in_resourceId}-{in_httpMethod}-{in_statusCode}"
    },
    "aws:apigateway/response:Response": {"id": "aggr-{in_restApiId}-{in_responseType}"},
    "aws:apigateway/deployment:Deployment": {"id": "{hex6}", "createdDate": "2026-01-01T00:00:00Z"},
    "aws:apigateway/stage:Stage": {
        "id": "ags-{in_restApi}-{in_stageName}",
        "arn": _API + "/restapis/{in_restApi}/stages/{in_stageName}",
        "executionArn": "arn:aws:execute-api:{region}:{account}:{in_restApi}/{in_stageName}",
        "invokeUrl": "https://{in_restApi}.execute-api.{region}.amazonaws.com/{in_stageName}",
        "webAclArn": "",
    },
    "aws:apigateway/methodSettings:MethodSettings": {"id": "{in_restApi}-{in_stageName}-{in_methodPath}"},
    "aws:apigateway/restApiPolicy:RestApiPolicy": {"id": "{in_restApiId}"},
    "aws:apigateway/domainName:DomainName": {
        "id": "{in_domainName}",
        "arn": _API + "/domainnames/{in_domainName}",
        "domainNameId": "",
        "regionalDomainName": "d-{hex10}.execute-api.{region}.amazonaws.com",
        "regionalZoneId": _APIGATEWAY_ZONE,
        "cloudfrontDomainName": "",
        "cloudfrontZoneId": _CLOUDFRONT_ZONE,
        "certificateUploadDate": "2026-01-01T00:00:00Z",
    },
    "aws:apigateway/basePathMapping:BasePathMapping": {"id": "{in_domainName}/{in_basePath}"},
    "aws:apigateway/account:Account": {"id": "api-gateway-account", "apiKeyVersion": "4", "features": []},
    "aws:apigateway/usagePlan:UsagePlan": {"id": "{hex6}", "arn": _API + "/usageplans/{id}"},
    "aws:cloudfront/distribution:Distribution": {
        "id": "E{HEX13}",
        "arn": "arn:aws:cloudfront::{account}:distribution/{id}",
        "domainName": "d{hex13}.cloudfront.net",
        "hostedZoneId": _CLOUDFRONT_ZONE,
        "callerReference": "{hex26}",
        "etag": "E{HEX12}",
        "status": "Deployed",
        "lastModifiedTime": "2026-01-01T00:00:00Z",
    },
    "aws:cloudfront/vpcOrigin:VpcOrigin": {
        "id": "vo_{hex22}",
        "arn": "arn:aws:cloudfront::{account}:vpcorigin/{id}",
        "etag": "E{HEX12}",
    },
    "aws:cloudfront/originAccessControl:OriginAccessControl": {
        "id": "E{HEX13}",
        "arn": "arn:aws:cloudfront::{account}:origin-access-control/{id}",
        "etag": "E{HEX12}",
    },
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": {
        "id": "{uuid}",
        "arn": "arn:aws:cloudfront::{account}:response-headers-policy/{id}",
        "etag": "E{HEX12}",
    },
    "aws:cloudfront/cachePolicy:CachePolicy": {
        "id": "{uuid}",
        "arn": "arn:aws:cloudfront::{account}:cache-policy/{id}",
        "etag": "E{HEX12}",
    },
    "aws:cloudfront/originRequestPolicy:OriginRequestPolicy": {
        "id": "{uuid}",
        "arn": "arn:aws:cloudfront::{account}:origin-request-policy/{id}",
        "etag": "E{HEX12}",
    },
    "aws:cloudfront/function:Function": {
        "id": "{name}",
        "arn": "arn:aws:cloudfront::{account}:function/{name}",
        "etag": "E{HEX12}",
        "liveStageEtag": "E{HEX12}",
        "status": "UNASSOCIATED",
    },
    "aws:wafv2/webAcl:WebAcl": {
        "id": "{uuid}",
        "arn": _acl_arn("webacl"),
        "capacity": 100,
        "lockToken": "{uuid}",
        "applicationIntegrationUrl": "",
    },
    "aws:wafv2/ipSet:IpSet": {"id": "{uuid}", "arn": _acl_arn("ipset"), "lockToken": "{uuid}"},
    "aws:wafv2/webAclAssociation:WebAclAssociation": {"id": "{in_webAclArn},{in_resourceArn}"},
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": {"id": "{in_resourceArn}"},
    "aws:acm/certificate:Certificate": {
        "id": "arn:aws:acm:{region}:{account}:certificate/{uuid}",
        "arn": "{id}",
        "domainValidationOptions": _validation,
        "status": "ISSUED",
        "type": "AMAZON_ISSUED",
        "notBefore": "2026-01-01T00:00:00Z",
        "notAfter": "2027-01-31T00:00:00Z",
        "pendingRenewal": False,
        "renewalEligibility": "ELIGIBLE",
        "renewalSummaries": [],
        "validationEmails": [],
    },
    "aws:acm/certificateValidation:CertificateValidation": {"id": "2026-01-01 00:00:00 +0000 UTC"},
    "aws:route53/zone:Zone": {
        "id": "Z{HEX20}",
        "zoneId": "{id}",
        "arn": "arn:aws:route53:::hostedzone/{id}",
        "nameServers": [
            "ns-1.awsdns-01.com",
            "ns-2.awsdns-02.net",
            "ns-3.awsdns-03.org",
            "ns-4.awsdns-04.co.uk",
        ],
        "primaryNameServer": "ns-1.awsdns-01.com",
    },
    "aws:route53/record:Record": {"id": _record_id, "fqdn": "{in_name}"},
    "aws:route53/healthCheck:HealthCheck": {
        "id": "{uuid}",
        "arn": "arn:aws:route53:::healthcheck/{id}",
    },
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": {
        "id": "ns-{hex16}",
        "arn": "arn:aws:servicediscovery:{region}:{account}:namespace/{id}",
        "hostedZone": "Z{HEX20}",
    },
}
