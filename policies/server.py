"""A faster server for the SDK's pack: the same policies and answers, without the work that repeats.

The SDK decodes a resource once for every policy, and the whole stack once for every stack policy: with 133
rules, 4 ms for a resource and 3 ms more at the end. Here only the policies for a type are asked, and the
stack is decoded once: 0.4 and 0.2 ms (measured on a stack of 89 resources). Remediation is asked only of
policies that are switched on for it, and changes the properties as they came: the SDK would decode them,
secrets and unknown values included, and write them again.

The server also reads the stack's configuration, which the SDK receives and drops, and by which the pack
learns its environment when a language host starts it without ``PULUMI_CONFIG``.
"""

import copy
from collections.abc import Sequence
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime import proto
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyResource,
    ResourceValidationArgs,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy import policy as sdk
from pulumi_policy.deserialize import deserialize_properties
from pulumi_policy.proxy import unknown_checking_proxy

from policies.engine import ResourceRulePolicy, set_levels
from policies.remedies import REMEDIES
from policies.session import Session
from policies.stack_config import ConfigError
from policies.tokens import canonical

_BASE: Any = sdk._PolicyAnalyzerServicer  # pyright: ignore[reportPrivateUsage]
_POLICIES = "_PolicyAnalyzerServicer__policies"
_NAME = "_PolicyAnalyzerServicer__policy_pack_name"
_VERSION = "_PolicyAnalyzerServicer__policy_pack_version"


def install(policies: Sequence[Policy], session: Session) -> None:
    """Makes ``PolicyPack`` serve through :class:`_Server`. An SDK of another shape keeps its own server."""
    if all(hasattr(_BASE, name) for name in ("_get_enforcement_level", "_create_report_violation")):
        sdk._PolicyAnalyzerServicer = _server(policies, session)  # pyright: ignore[reportPrivateUsage]


def _server(policies: Sequence[Policy], session: Session) -> type:
    by_type: dict[str, list[Policy]] = {}
    mendable = [p for p in policies if isinstance(p, ResourceRulePolicy) and p.rule.id in REMEDIES]

    class _Server(_BASE):
        def Analyze(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
            token = canonical(request.type)
            if token not in by_type:
                by_type[token] = [
                    p for p in policies if isinstance(p, ResourceRulePolicy) and p.rule.applies_to(token)
                ]
            if not by_type[token]:
                return proto.AnalyzeResponse()
            return _BASE.Analyze(_with(self, by_type[token]), request, context)

        def AnalyzeStack(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
            resources: list[PolicyResource] = []
            capture = StackValidationPolicy(
                "capture", "reads the stack", lambda args, _report: resources.extend(args.resources)
            )
            _BASE.AnalyzeStack(_with(self, [capture]), request, context)
            response = proto.AnalyzeResponse()
            for policy in policies:
                level = self._get_enforcement_level(policy)
                if isinstance(policy, StackValidationPolicy) and level is not EnforcementLevel.DISABLED:
                    report = self._create_report_violation(
                        response, policy.name, policy.description, level, policy.severity
                    )
                    settings = self._get_policy_config(policy.name)
                    policy.validate(StackValidationArgs(resources, settings), report)  # pyright: ignore[reportUnknownMemberType]
            return response

        def Remediate(self, request: Any, context: Any) -> Any:  # noqa: N802, ARG002 - the protocol's name
            response = proto.RemediateResponse()
            token = canonical(request.type)
            properties: Any = None
            for policy in mendable:
                level = self._get_enforcement_level(policy)
                if level is not EnforcementLevel.REMEDIATE or not policy.rule.applies_to(token):
                    continue
                properties = properties or json_format.MessageToDict(request.properties)
                changed = policy.mend(_arguments(self, request, policy, properties), properties)
                if changed is not None:
                    properties = changed
                    response.remediations.append(_remediation(self, policy, changed))
            return response

        def ConfigureStack(self, request: Any, context: Any) -> Any:  # noqa: N802 - the protocol's name
            try:
                session.configure(dict(request.config))
            except ConfigError as error:
                # The engine shows this text as its own error, without a traceback.
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
            set_levels(policies, session)
            return _BASE.ConfigureStack(self, request, context)

    return _Server


def _arguments(server: Any, request: Any, policy: Policy, properties: Any) -> ResourceValidationArgs:
    return ResourceValidationArgs(
        request.type,
        unknown_checking_proxy(deserialize_properties(properties)),
        request.urn,
        request.name,
        server._get_resource_options(request),
        None,
        server._get_policy_config(policy.name),
    )


def _remediation(server: Any, policy: ResourceRulePolicy, properties: Any) -> Any:
    struct = struct_pb2.Struct()
    json_format.ParseDict(properties, struct)
    return proto.Remediation(
        policyName=policy.name,
        policyPackName=getattr(server, _NAME),
        policyPackVersion=getattr(server, _VERSION),
        description=f"{policy.description}: {REMEDIES[policy.rule.id].does.replace('`', '')}",
        properties=struct,
    )


def _with(server: Any, policies: Sequence[Policy]) -> Any:
    """The same server for fewer policies."""
    view = copy.copy(server)
    view.__class__ = _BASE
    setattr(view, _POLICIES, list(policies))
    return view
