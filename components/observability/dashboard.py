"""A CloudWatch dashboard from typed widgets."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch

from components.observability.dashboard_plan import Section, body


@dataclass(frozen=True, kw_only=True)
class DashboardArgs:
    """One dashboard."""

    dashboard_name: str
    """What people look for in the console; unique in the account."""
    sections: Sequence[Section]
    region: str
    """Where the metrics and logs are."""


class Dashboard(pulumi.ComponentResource):
    """Sections of widgets on one page. The same sections give the same text, so there is no idle diff."""

    dashboard: cloudwatch.Dashboard
    dashboard_name: pulumi.Output[str]
    dashboard_arn: pulumi.Output[str]

    def __init__(self, name: str, args: DashboardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:observability:Dashboard", name, None, opts)
        self._name = name
        self._args = args
        self.dashboard = self._build_dashboard()
        self.dashboard_name = self.dashboard.dashboard_name
        self.dashboard_arn = self.dashboard.dashboard_arn
        self.register_outputs({"dashboardName": self.dashboard_name, "dashboardArn": self.dashboard_arn})

    def _build_dashboard(self) -> cloudwatch.Dashboard:
        content = body(self._args.sections, region=self._args.region, concat=pulumi.Output.concat)
        return cloudwatch.Dashboard(
            f"{self._name}-dashboard",
            dashboard_name=self._args.dashboard_name,
            dashboard_body=pulumi.Output.json_dumps(content, sort_keys=True),
            opts=pulumi.ResourceOptions(parent=self),
        )
