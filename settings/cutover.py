"""Host names at Cloudflare, and the stages in which one moves from an old host to AWS."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from settings.model import Model, by_environment
from settings.vocabulary import CloudflareId, Flag, Hostname, Ipv4, Minutes, Positive, Share, ZoneName


class CloudflareZone(Model):
    """The zone that holds the host names."""

    name: ZoneName = "jclee.me"
    zone_id: CloudflareId
    account_id: CloudflareId
    plan: Literal["free", "pro", "business", "enterprise"] = "pro"
    """Decides which managed firewall rules the zone can run."""

    manage_settings: Flag = by_environment(dev=False, prod=True)
    """Whether this stack owns the zone-wide settings and firewall. Exactly one stack may."""


class Legacy(Model):
    """The host that serves until the cutover is committed."""

    address: Ipv4 = "221.153.20.249"
    hostname: Hostname = "safework.jclee.me"
    """The name that the old host answers to and has a certificate for; sent to it as Host."""

    break_glass_hostname: Hostname
    """A record that always points at the old host, for the day the load balancer itself is in doubt."""


class Shifting(Model):
    """Both sides are up; a step is another ``percent`` and an update of the stack."""

    kind: Literal["shifting"]
    percent: Share
    """The share of new sessions that goes to the API."""

    legacy: Legacy
    affinity_seconds: Annotated[int, Strict(), Field(ge=1_800, le=82_800)] | None = 1_800
    """How long a client stays on its side; Cloudflare's least is 1800. Null: each request is drawn anew."""

    bake_minutes: Minutes = 30
    """How long a stage is watched before the next."""

    migration_evidence_hours: Positive | None = 24
    """How old the verification of the copied data may be before a stage; null: no data was copied."""

    minimum_requests: Positive = 500
    """Requests that must have reached the new side before the next stage."""


class Committed(Model):
    """The old host is out of the plan. There is no way back from here."""

    kind: Literal["committed"]


Cutover = Annotated[Shifting | Committed, Field(discriminator="kind")]
