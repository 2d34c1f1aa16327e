"""From the endpoints of the settings to those of the topics."""

from collections.abc import Mapping, Sequence

from components.messaging.alert_topics import EmailEndpoint, Endpoint, HttpsEndpoint, Severity
from settings import stack as choices


def subscriptions(alerts: choices.Alerts) -> Mapping[Severity, Sequence[Endpoint]]:
    """Who subscribes to which topic."""
    return {
        "critical": [endpoint(each) for each in alerts.critical],
        "warning": [endpoint(each) for each in alerts.warning],
        "info": [endpoint(each) for each in alerts.info],
    }


def endpoint(given: choices.Endpoint) -> Endpoint:
    match given:
        case choices.EmailEndpoint(address=address):
            return EmailEndpoint(address)
        case choices.HttpsEndpoint(url=url):
            return HttpsEndpoint(url, key=url)
