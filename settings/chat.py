"""Where alerts are read in a chat."""

from typing import Annotated, Literal

from pydantic import Field, Strict

from settings.model import Model
from settings.vocabulary import Matching

SlackId = Annotated[str, Strict(), Matching(r"[A-Z][A-Z0-9]{7,20}", "an id from Slack, such as C0123456789")]


class NoChat(Model):
    """The topic's other endpoints are enough."""

    kind: Literal["none"]


class SlackChannel(Model):
    """AWS's own integration. Somebody authorises the workspace once, in the console of Amazon Q Developer."""

    kind: Literal["slack"]
    team_id: SlackId
    channel_id: SlackId


class ChatWebhook(Model):
    """A small function in front of a webhook, whose address its owner puts into Secrets Manager."""

    kind: Literal["webhook"]


Chat = Annotated[NoChat | SlackChannel | ChatWebhook, Field(discriminator="kind")]
