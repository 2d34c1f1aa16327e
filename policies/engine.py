"""The rules as CrossGuard policies."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi.runtime
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from policies.evaluation import WAIVERS_RULE
from policies.model import Record
from policies.rule import Rule, all_rules
from policies.session import Session
from policies.settings import SETTINGS, PackConfig
from policies.stack_config import ConfigError
from policies.tokens import canonical
from policies.values import plain
from policies.waivers import load


class ResourceRulePolicy(ResourceValidationPolicy):
    """A resource rule; ``rule`` lets the server call only those that apply to a type."""

    def __init__(self, rule: Rule, session: Session) -> None:
        self.rule = rule
        self._session = session
        super().__init__(validate=self._run, **_metadata(rule, session))  # pyright: ignore[reportUnknownMemberType] - untyped SDK

    def mend(self, args: ResourceValidationArgs, properties: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The properties with the rule's remedy in place; None where there is nothing to mend."""
        if not self._session.applies(self.rule):
            return None
        return self._session.remedy(self.rule, _planned(args), args.get_config(), properties)

    def _run(self, args: ResourceValidationArgs, report: ReportViolation) -> None:
        record = _planned(args)
        if self._session.applies(self.rule) and self.rule.applies_to(canonical(record.type)):
            messages = self._session.inspect(self.rule, record, args.get_config())
            if messages:
                report(_explained(messages, self.rule), None)


class StackRulePolicy(StackValidationPolicy):
    """A stack rule; every resource that fails is reported under its own URN."""

    def __init__(self, rule: Rule, session: Session) -> None:
        self.rule = rule
        self._session = session
        super().__init__(validate=self._run, **_metadata(rule, session))  # pyright: ignore[reportUnknownMemberType] - untyped SDK

    def _run(self, args: StackValidationArgs, report: ReportViolation) -> None:
        if not self._session.applies(self.rule):
            return
        graph = self._session.graph(args.resources, map(_final, args.resources))
        for urn, messages in self._session.inspect_stack(self.rule, graph, args.get_config()):
            report(_explained(messages, self.rule), urn)


class WaiversPolicy(StackValidationPolicy):
    """The last policy: by then every verdict is in, so it also closes the run."""

    def __init__(self, session: Session) -> None:
        self._session = session
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - untyped SDK
            name=WAIVERS_RULE,
            description="Waivers are in date and in use",
            enforcement_level=EnforcementLevel.MANDATORY,
            severity=Severity.MEDIUM,
            validate=self._run,
            remediation_steps="Renew or remove the waiver in policies/waivers.yaml.",
        )

    def _run(self, args: StackValidationArgs, report: ReportViolation) -> None:
        graph = self._session.graph(args.resources, map(_final, args.resources))
        for message in self._session.inspect_waivers(graph):
            report(message, None)
        self._session.finish(graph)


def make_session() -> Session:
    """A session for this process: all rules, the waiver file, the environment the engine passed."""
    rules = all_rules()
    waivers = load(rules=[rule.id for rule in rules])
    session = Session(rules, waivers, PackConfig())
    try:
        session.configure(pulumi.runtime.get_config_env())
    except ConfigError as error:
        raise SystemExit(str(error)) from None
    return session


def make_policies(session: Session) -> list[Policy]:
    """One policy for each rule, the waivers' last."""
    policies: list[Policy] = [
        StackRulePolicy(rule, session) if rule.stack else ResourceRulePolicy(rule, session)
        for rule in session.rules
    ]
    return [*policies, WaiversPolicy(session)]


def set_levels(policies: Sequence[Policy], session: Session) -> None:
    """Levels for the session's environment. Levels given in the pack's configuration still win."""
    for policy in policies:
        if isinstance(policy, ResourceRulePolicy | StackRulePolicy):
            policy.enforcement_level = _level(policy.rule, session)


def _level(rule: Rule, session: Session) -> EnforcementLevel:
    level = session.config.levels.get(rule.id) or rule.level(relaxed=session.config.relaxed)
    return EnforcementLevel(level if session.applies(rule) else "disabled")


def _metadata(rule: Rule, session: Session) -> dict[str, Any]:
    framework = None
    if rule.fsbp:
        framework = PolicyComplianceFramework(
            name="AWS Foundational Security Best Practices", reference=", ".join(rule.fsbp)
        )
    schema = {key: SETTINGS[key].schema for key in rule.settings}
    return {
        "name": rule.id,
        "description": rule.title,
        "enforcement_level": _level(rule, session),
        "config_schema": PolicyConfigSchema(schema) if schema else None,
        "severity": Severity(rule.severity.value),
        "framework": framework,
        "tags": [rule.service, *rule.fsbp, *(f"CIS-{n}" for n in rule.cis)],
        "remediation_steps": rule.fix,
    }


def _explained(messages: Sequence[str], rule: Rule) -> str:
    return "\n".join([*messages, f"why: {rule.why}", f"fix: {rule.fix}"])


def _planned(args: ResourceValidationArgs) -> Record:
    return Record(
        type=args.resource_type,
        urn=args.urn,
        name=args.name,
        inputs=_mapping(args.props),
        protect=bool(args.opts.protect) if args.opts else False,
    )


def _final(resource: PolicyResource) -> Record:
    return Record(
        type=resource.resource_type,
        urn=resource.urn,
        name=resource.name,
        inputs={},
        outputs=_mapping(resource.props),
        parent=resource.parent.urn if resource.parent else None,
        protect=bool(resource.opts.protect) if resource.opts else False,
        dependencies=tuple(dependency.urn for dependency in resource.dependencies),
        property_dependencies={
            key: tuple(dependency.urn for dependency in found)
            for key, found in resource.property_dependencies.items()
        },
    )


def _mapping(props: Mapping[str, Any]) -> dict[str, Any]:
    return plain(props)
