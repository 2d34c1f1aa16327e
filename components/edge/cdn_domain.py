"""The names under which a distribution answers, and its TLS."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pulumi
from pulumi_aws import cloudfront

PriceClass: TypeAlias = Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"]


@dataclass(frozen=True)
class CloudFrontDomain:
    """Only the ``*.cloudfront.net`` name. CloudFront fixes the TLS minimum there, at TLSv1."""


@dataclass(frozen=True, kw_only=True)
class CustomDomain:
    """Own host names under an ACM certificate of us-east-1. DNS records are the caller's."""

    aliases: Sequence[str]
    certificate_arn: pulumi.Input[str]

    def __post_init__(self) -> None:
        if not self.aliases:
            raise ValueError("aliases: got none; CustomDomain needs one: list it, or take CloudFrontDomain")


Domain: TypeAlias = CloudFrontDomain | CustomDomain


def viewer_certificate(domain: Domain) -> cloudfront.DistributionViewerCertificateArgs:
    """TLS 1.2 and up wherever CloudFront lets it be chosen."""
    match domain:
        case CloudFrontDomain():
            return cloudfront.DistributionViewerCertificateArgs(cloudfront_default_certificate=True)
        case CustomDomain() as custom:
            return cloudfront.DistributionViewerCertificateArgs(
                acm_certificate_arn=custom.certificate_arn,
                minimum_protocol_version="TLSv1.2_2021",
                ssl_support_method="sni-only",
            )
