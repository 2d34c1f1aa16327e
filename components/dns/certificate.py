"""A public certificate that ACM issues and renews, proven through DNS by the same program."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pulumi
from pulumi_aws import acm

from components.protocols import Dns

# Short, so that a corrected record is seen soon; ACM asks rarely.
_TTL_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class CertificateArgs:
    domain_name: str
    dns: Dns
    subject_alternative_names: Sequence[str] = ()
    region: str | None = None
    """Where it is used: ``us-east-1`` for CloudFront, else the provider's region."""

    proven_by: "Certificate | None" = None
    """Another certificate of the same account whose records already prove these domains.

    ACM asks for the same record in every region, and a zone takes a record only once.
    """


class Certificate(pulumi.ComponentResource):
    """An ACM certificate, one validation record for each distinct domain, and the wait for its issue.

    A wildcard and the domain under it share a record. Records are planned from the plain list of domains,
    since what ACM answers is known only once the certificate exists. Left out: e-mail validation and
    imported certificates, which somebody must renew by hand.
    """

    arn: pulumi.Output[str]
    """Known only when the certificate is issued, so that whatever uses it waits."""

    validation_records: dict[str, pulumi.Resource]

    def __init__(self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:dns:Certificate", name, None, opts)
        domains = _proven_domains(args)
        certificate = self._build_certificate(name, args)
        if args.proven_by is None:
            self.validation_records = {
                domain: self._build_record(name, args, certificate, domain) for domain in domains
            }
        else:
            self.validation_records = {
                domain: args.proven_by.validation_records[domain] for domain in domains
            }
        validation = self._build_validation(name, args, certificate, domains)
        self.arn = validation.certificate_arn
        self.register_outputs({"arn": self.arn})

    def _build_certificate(self, name: str, args: CertificateArgs) -> acm.Certificate:
        return acm.Certificate(
            f"{name}-certificate",
            domain_name=args.domain_name,
            subject_alternative_names=sorted({args.domain_name, *args.subject_alternative_names}),
            validation_method="DNS",
            key_algorithm="RSA_2048",
            region=args.region,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _build_record(
        self, name: str, args: CertificateArgs, certificate: acm.Certificate, domain: str
    ) -> pulumi.Resource:
        return args.dns.record(
            f"{name}-proof-{domain}",
            record_name=_asked(certificate, domain, "resource_record_name"),
            record_type=_asked(certificate, domain, "resource_record_type"),
            content=_asked(certificate, domain, "resource_record_value"),
            ttl_seconds=_TTL_SECONDS,
            parent=self,
        )

    def _build_validation(
        self, name: str, args: CertificateArgs, certificate: acm.Certificate, domains: Sequence[str]
    ) -> acm.CertificateValidation:
        return acm.CertificateValidation(
            f"{name}-issued",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[
                _asked(certificate, domain, "resource_record_name") for domain in domains
            ],
            region=args.region,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(self.validation_records.values())),
        )


def distinct_domains(domain_name: str, alternatives: Sequence[str]) -> list[str]:
    """The domains that need a proof of their own, without wildcards, in a stable order."""
    return sorted({domain.removeprefix("*.") for domain in (domain_name, *alternatives)})


def _proven_domains(args: CertificateArgs) -> list[str]:
    domains = distinct_domains(args.domain_name, args.subject_alternative_names)
    if args.proven_by is not None:
        missing = [domain for domain in domains if domain not in args.proven_by.validation_records]
        if missing:
            raise ValueError(
                f"proven_by: got a certificate without {', '.join(missing)}; it must prove every domain of "
                f"this one ({', '.join(domains)}); add the domain there, or leave proven_by out"
            )
    return domains


def _asked(certificate: acm.Certificate, domain: str, field: str) -> pulumi.Output[str]:
    def pick(options: Sequence[Any]) -> str:
        for option in options:
            if str(option.domain_name).removeprefix("*.") == domain:
                return cast("str", getattr(option, field))
        raise ValueError(f"{domain}: ACM asks for no validation record for this domain")

    return certificate.domain_validation_options.apply(pick)
