"""A single-page application at CloudFront: its routes, and how long each of its files may be kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.edge.bucket import LogBucket
from components.edge.cdn import CdnSite, CdnSiteArgs, Domain
from components.edge.cdn_policies import CacheRule

YEAR_SECONDS = 31_536_000

HASHED = CacheRule(cache_control=f"public, max-age={YEAR_SECONDS}, immutable", edge_seconds=YEAR_SECONDS)
"""A file whose name changes with its content never changes under its name."""

PAGE = CacheRule(cache_control="no-cache", edge_seconds=0)
"""Pages name the hashed files of one release: browsers and edges ask each time whether there is a newer one,
which costs a 304."""


@dataclass(frozen=True, kw_only=True)
class SinglePageSiteArgs:
    """``asset_folder`` is where the build puts files with a hash in their names: ``assets`` with Vite.

    The key of ``kms_key_arn`` must list ``cloudfront`` among its services.
    """

    kms_key_arn: pulumi.Input[str]
    log_bucket: LogBucket
    domain: Domain
    content_security_policy: str
    web_acl_arn: pulumi.Input[str]
    asset_folder: str = "assets"
    invalidate: Sequence[str] = ("/index.html",)
    """What a release must drop from the edges. Hashed files never; a page without a hash always."""
    deletion_protection: bool = True

    def __post_init__(self) -> None:
        if not self.asset_folder or "/" in self.asset_folder:
            raise ValueError(
                f"asset_folder: got {self.asset_folder!r}; one folder at the top: drop the slashes"
            )
        wrong = [path for path in self.invalidate if not path.startswith("/")]
        if wrong:
            raise ValueError(f"invalidate: got {', '.join(wrong)}; CloudFront wants paths that begin with /")


class SinglePageSite(pulumi.ComponentResource):
    """A ``CdnSite`` whose unknown paths are routes, with hashed files kept for a year and pages never.

    Upload and invalidation are a release tool's, which reads them from ``release``: hashed files first,
    pages last, and files of earlier releases stay, since a browser that has the last page still asks for them
    and a missing one answers with the page. A CloudFront Function that told files from routes is left out.
    """

    site: CdnSite
    distribution_id: pulumi.Output[str]
    distribution_arn: pulumi.Output[str]
    domain_name: pulumi.Output[str]
    hosted_zone_id: pulumi.Output[str]
    bucket_name: pulumi.Output[str]
    release: dict[str, pulumi.Input[str] | Sequence[str]]
    """bucket, distributionId, hashed (the folder to upload first), invalidate (paths)."""

    def __init__(
        self, name: str, args: SinglePageSiteArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("platform:edge:SinglePageSite", name, None, opts)
        self.site = self._build_site(name, args)
        self.distribution_id = self.site.distribution_id
        self.distribution_arn = self.site.distribution_arn
        self.domain_name = self.site.domain_name
        self.hosted_zone_id = self.site.hosted_zone_id
        self.bucket_name = self.site.bucket.bucket_name
        self.release = {
            "bucket": self.bucket_name,
            "distributionId": self.distribution_id,
            "hashed": args.asset_folder,
            "invalidate": list(args.invalidate),
        }
        self.register_outputs({"domainName": self.domain_name, "release": self.release})

    def _build_site(self, name: str, args: SinglePageSiteArgs) -> CdnSite:
        return CdnSite(
            name,
            CdnSiteArgs(
                kms_key_arn=args.kms_key_arn,
                log_bucket=args.log_bucket,
                domain=args.domain,
                content_security_policy=args.content_security_policy,
                web_acl_arn=args.web_acl_arn,
                single_page_app=True,
                cache_rule=PAGE,
                cache_rules={args.asset_folder: HASHED},
                deletion_protection=args.deletion_protection,
            ),
            pulumi.ResourceOptions(parent=self),
        )
