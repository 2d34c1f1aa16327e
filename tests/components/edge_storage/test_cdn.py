"""A site that only CloudFront can read."""

import json
from typing import Any

import pytest

from components.edge.bucket import LogBucket, LogBucketArgs
from components.edge.cdn import CdnSite, CdnSiteArgs, CloudFrontDomain, CustomDomain, Domain
from tests.harness import Deployment, deploy

ACCOUNT = "111122223333"
KEY_ARN = f"arn:aws:kms:ap-northeast-2:{ACCOUNT}:key/00000000-0000-4000-8000-000000000000"
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/00000000-0000-4000-8000-000000000000"
OWN = CustomDomain(aliases=("static.example.com",), certificate_arn=CERTIFICATE)


def _site(domain: Domain = OWN, **fields: Any) -> Deployment:
    def build() -> None:
        logs = LogBucket("logs", LogBucketArgs(account_id=ACCOUNT, retention_days=90))
        CdnSite(
            "site",
            CdnSiteArgs(
                kms_key_arn=KEY_ARN,
                log_bucket=logs,
                domain=domain,
                content_security_policy="default-src 'self'",
                **fields,
            ),
        )

    return deploy(build)


def _distribution(result: Deployment) -> Any:
    return result.one("aws:cloudfront/distribution:Distribution")


def test_tls_is_recent_and_http_is_sent_away() -> None:
    distribution = _distribution(_site())
    assert distribution["viewerCertificate"] == {
        "acmCertificateArn": CERTIFICATE,
        "minimumProtocolVersion": "TLSv1.2_2021",
        "sslSupportMethod": "sni-only",
    }
    assert distribution["aliases"] == ["static.example.com"]
    assert distribution["defaultCacheBehavior"]["viewerProtocolPolicy"] == "redirect-to-https"
    assert distribution["httpVersion"] == "http2and3"


def test_without_own_names_the_certificate_is_cloudfronts() -> None:
    distribution = _distribution(_site(CloudFrontDomain()))
    assert distribution["viewerCertificate"] == {"cloudfrontDefaultCertificate": True}
    assert "aliases" not in distribution.inputs


def test_only_this_distribution_reads_the_bucket() -> None:
    result = _site()
    policy = json.loads(result.one("aws:s3/bucketPolicy:BucketPolicy", "site-files-policy")["policy"])
    allowed = [each for each in policy["Statement"] if each["Effect"] == "Allow"]
    assert {each["Sid"] for each in allowed} == {"CloudFrontRead", "CloudFrontList"}
    for each in allowed:
        assert each["Principal"] == {"Service": ["cloudfront.amazonaws.com"]}
        source = each["Condition"]["StringEquals"]["aws:SourceArn"]
        assert source.startswith("arn:aws:cloudfront::")
        assert "*" not in source
    (origin,) = _distribution(result)["origins"]
    access = result.one("aws:cloudfront/originAccessControl:OriginAccessControl")
    assert origin["originAccessControlId"] == access.id
    assert (access["signingBehavior"], access["signingProtocol"]) == ("always", "sigv4")


def test_security_headers() -> None:
    headers = _site().one("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy")[
        "securityHeadersConfig"
    ]
    assert headers["strictTransportSecurity"]["accessControlMaxAgeSec"] == 63_072_000
    assert headers["contentTypeOptions"] == {"override": True}
    assert headers["frameOptions"]["frameOption"] == "DENY"
    assert headers["contentSecurityPolicy"]["contentSecurityPolicy"] == "default-src 'self'"
    assert headers["referrerPolicy"]["referrerPolicy"] == "strict-origin-when-cross-origin"


def test_logs_are_delivered_from_us_east_1_once_the_bucket_permits() -> None:
    result = _site()
    source = result.one("aws:cloudwatch/logDeliverySource:LogDeliverySource")
    target = result.one("aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination")
    delivery = result.one("aws:cloudwatch/logDelivery:LogDelivery")
    assert {each["region"] for each in (source, target, delivery)} == {"us-east-1"}
    assert source["logType"] == "ACCESS_LOGS"
    assert result.one("aws:s3/bucketPolicy:BucketPolicy", "logs-policy").urn in delivery.dependencies


def test_a_web_acl_and_a_root_object() -> None:
    arn = f"arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/site/1"
    distribution = _distribution(_site(web_acl_arn=arn))
    assert distribution["webAclId"] == arn
    assert distribution["defaultRootObject"] == "index.html"


@pytest.mark.parametrize(("single_page", "code"), [(True, 200), (False, None)])
def test_missing_pages(*, single_page: bool, code: int | None) -> None:
    (answer,) = _distribution(_site(single_page_app=single_page))["customErrorResponses"]
    assert answer["errorCode"] == 404
    assert answer.get("responseCode") == code


def test_a_custom_domain_has_a_name() -> None:
    with pytest.raises(ValueError, match="aliases: got none"):
        CustomDomain(aliases=(), certificate_arn=CERTIFICATE)
