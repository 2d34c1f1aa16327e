"""Computed outputs: schedules, topics, and the clients of an API."""

from collections.abc import Mapping

from offline.computed import Entry, Facts

_SCHEDULER = "arn:aws:scheduler:{region}:{account}:"


def _group(facts: Facts) -> str:
    return facts.text("groupName", "default")


def _schedule_id(facts: Facts) -> str:
    return f"{_group(facts)}/{facts['name']}"


def _schedule_arn(facts: Facts) -> str:
    return facts.render(_SCHEDULER) + f"schedule/{_schedule_id(facts)}"


def _topic_arn(facts: Facts) -> str:
    return facts.text("clusterArn").replace(":cluster/", ":topic/") + f"/{facts.text('name')}"


TABLE: Mapping[str, Entry] = {
    "aws:scheduler/schedule:Schedule": {"id": _schedule_id, "arn": _schedule_arn, "groupName": _group},
    "aws:scheduler/scheduleGroup:ScheduleGroup": {
        "id": "{name}",
        "arn": _SCHEDULER + "schedule-group/{name}",
        "creationDate": "2026-01-01T00:00:00Z",
        "lastModificationDate": "2026-01-01T00:00:00Z",
        "state": "ACTIVE",
    },
    "aws:msk/topic:Topic": {"id": "{in_clusterArn},{in_name}", "arn": _topic_arn},
    "aws:apigateway/usagePlan:UsagePlan": {
        "id": "{hex6}",
        "arn": "arn:aws:apigateway:{region}::/usageplans/{id}",
    },
    "aws:apigateway/usagePlanKey:UsagePlanKey": {"id": "{in_keyId}"},
    "aws:apigateway/apiKey:ApiKey": {
        "id": "{hex10}",
        "arn": "arn:aws:apigateway:{region}::/apikeys/{id}",
        # API Gateway makes it; the program marks it as a secret, so the state holds ciphertext.
        "value": "{hex32}",
        "createdDate": "2026-01-01T00:00:00Z",
        "lastUpdatedDate": "2026-01-01T00:00:00Z",
    },
}
