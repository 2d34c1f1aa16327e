"""Whom Work Redesign tells of what: the chat, news of releases, the budget; and its hours."""

from collections.abc import Mapping
from pathlib import Path

from components.compute.lambda_args import VpcPlacement
from components.delivery.budget import Budget, BudgetArgs
from components.delivery.schedule import Hours, ScalingSchedule, ScalingScheduleArgs, ScheduledService
from components.messaging.alert_topics import AlertTopics
from components.messaging.chat_relay import ChatRelay, ChatRelayArgs, SlackChannel, Target, Webhook
from components.messaging.event_notices import EventNotices, EventNoticesArgs, Notice
from components.messaging.queue import Queue
from components.network.vpc import Vpc
from components.security.kms_key import KmsKey
from settings import chat as chats
from settings import schedule as schedules
from settings.containers import ContainerService
from settings.work_redesign import WorkRedesignSettings
from systems.scope import Scope
from systems.work_redesign.functions import package
from systems.work_redesign.network import open_ways_out
from systems.work_redesign.secrets import build_owner_secret
from systems.work_redesign.services import Services

RELAY_SOURCES = Path("functions/chat_relay")
FLOOR_TASKS = 1


def build_chat(
    scope: Scope,
    settings: WorkRedesignSettings,
    *,
    topics: AlertTopics,
    vpc: Vpc,
    key: KmsKey,
    failures: Queue,
) -> ChatRelay | None:
    """Warnings in the chat, where one is chosen."""
    target: Target
    match settings.chat:
        case chats.NoChat():
            return None
        case chats.SlackChannel(team_id=team_id, channel_id=channel_id):
            target = SlackChannel(team_id=team_id, channel_id=channel_id)
        case chats.ChatWebhook():
            secret = build_owner_secret(
                scope, settings, key, "chat-webhook", "Work Redesign: the address of the chat's webhook"
            )
            target = Webhook(
                secret_arn=secret.secret_arn,
                package=package(RELAY_SOURCES),
                runtime=settings.ai.runtime,
                vpc=VpcPlacement(vpc_id=vpc.vpc_id, subnet_ids=vpc.private_subnet_ids),
                failure_queue_arn=failures.dead_letter_queue_arn,
            )
    chat = ChatRelay(
        f"{scope.name}-chat",
        ChatRelayArgs(
            account_id=scope.stack.account_id,
            target=target,
            topic_arns={"warning": topics.arns["warning"]},
            kms_key_arn=key.key_arn,
            log_retention_days=settings.log_retention_days,
        ),
        scope.opts,
    )
    if chat.function:
        open_ways_out(chat.function.security_group, vpc)
    return chat


def build_notices(scope: Scope, topics: AlertTopics, services: Services) -> EventNotices:
    """Releases: one that ECS took back is a warning, one that is done is good to know."""
    arns = [each.service.arn for each in services.by_name.values()]

    def deployments(*names: str) -> dict[str, object]:
        return {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Deployment State Change"],
            "resources": arns,
            "detail": {"eventName": list(names)},
        }

    return EventNotices(
        f"{scope.name}-notices",
        EventNoticesArgs(
            notices={
                "release-failed": Notice(
                    description="ECS took a release back",
                    pattern=deployments("SERVICE_DEPLOYMENT_FAILED"),
                    topic_arn=topics.arns["warning"],
                ),
                "release-done": Notice(
                    description="A release is done",
                    pattern=deployments("SERVICE_DEPLOYMENT_COMPLETED"),
                    topic_arn=topics.arns["info"],
                ),
            }
        ),
        scope.opts,
    )


def build_budget(scope: Scope, settings: WorkRedesignSettings, topics: AlertTopics) -> Budget:
    return Budget(
        f"{scope.name}-budget",
        BudgetArgs(
            system=scope.name,
            monthly_limit_usd=settings.monthly_budget_usd,
            topic_arns=[topics.arns["info"]],
        ),
        scope.opts,
    )


def build_schedule(
    scope: Scope, settings: WorkRedesignSettings, services: Services
) -> ScalingSchedule | None:
    wanted = settings.schedule
    if not isinstance(wanted, schedules.Hours):
        return None
    sizes = _sizes(settings)
    return ScalingSchedule(
        f"{scope.name}-hours",
        ScalingScheduleArgs(
            hours=Hours(opens=wanted.opens, closes=wanted.closes, days=wanted.days, timezone=wanted.timezone),
            services={
                name: ScheduledService(
                    resource_id=target.resource_id,
                    open_min=sizes[name].min_tasks,
                    open_max=sizes[name].max_tasks,
                    floor=FLOOR_TASKS,
                )
                for name, service in services.by_name.items()
                if (target := service.scalable_target)
            },
        ),
        scope.opts,
    )


def _sizes(settings: WorkRedesignSettings) -> Mapping[str, ContainerService]:
    return {"frontend": settings.frontend, "backend": settings.backend}
