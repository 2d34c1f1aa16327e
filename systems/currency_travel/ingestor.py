"""The ingestor: every five minutes it reads exchange rates and writes them to Kafka."""

from components.messaging.alert_topics import AlertTopics
from systems.currency_travel.functions import Given
from systems.currency_travel.ingestor_image import RUNBOOK, Ingestor

__all__ = ["RUNBOOK", "Ingestor", "build_ingestor"]


def build_ingestor(given: Given, topics: AlertTopics) -> Ingestor:
    """One image, and one of two ways to run it. A stack imports the one that it has."""
    match given.settings.ingestor:
        case "eks":
            from systems.currency_travel.ingestor_eks import build_cron_job  # noqa: PLC0415 - as above

            return build_cron_job(given)
        case "scheduled_task":
            from systems.currency_travel.ingestor_task import build_task  # noqa: PLC0415 - as above

            return build_task(given, topics)
