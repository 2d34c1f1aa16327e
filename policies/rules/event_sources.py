"""What Lambda reads for a function."""

from policies.checks import present
from policies.model import Resource
from policies.rule import Found, rule
from policies.tokens import EVENT_SOURCE


@rule(
    id="event-source-failures-kept",
    title="What a function could not read of a stream is put aside",
    severity="medium",
    enforcement="M",
    types=(EVENT_SOURCE,),
    why="A record that always fails otherwise holds up its partition until it expires, or is lost.",
    fix="Set destinationConfig.onFailure. Queues have a redrivePolicy for it.",
)
def event_source_failures_kept(r: Resource) -> Found:
    # Streams and topics have a place to start from; queues have none.
    return present(r, "destinationConfig.onFailure.destinationArn") if r.has("startingPosition") else None
