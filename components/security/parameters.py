"""Parameters in Systems Manager: addresses that the program knows, and secrets that it never sees."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_aws import ssm

from components.protection import stateful
from components.security.iam import Statement, Text

PLACEHOLDER = "unset"
"""What a secret holds until its owner has put one in; no secret itself, so it may be in the state."""

PLACEHOLDER_VERSION = 1
"""Never raised: the provider writes the value when this number changes, and at no other time."""

_PATH = re.compile(r"(/[A-Za-z0-9_.-]+)+")


@dataclass(frozen=True, kw_only=True)
class ParametersArgs:
    """Names below ``prefix``, such as ``db/host`` below ``/currency-service``."""

    prefix: str
    values: Mapping[str, pulumi.Input[str]] = field(default_factory=dict[str, pulumi.Input[str]])
    """Names and addresses, in plain text."""
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    """Name to what it is for. The value is its owner's: ``aws ssm put-parameter --overwrite``."""
    kms_key_arn: pulumi.Input[str]
    """Of the secrets."""
    deletion_protection: bool = True

    def __post_init__(self) -> None:
        for name in (*self.values, *self.secrets):
            path = f"{self.prefix}/{name}"
            if not _PATH.fullmatch(path) or path.startswith(("/aws", "/ssm")):
                raise ValueError(
                    f"name: got {path!r}; parts of letters, digits, dots, dashes and underscores after "
                    "slashes, and not /aws or /ssm first"
                )
        both = sorted(set(self.values) & set(self.secrets))
        if both:
            raise ValueError(f"secrets: got {both} among the values as well; a parameter is one of the two")


class Parameters(pulumi.ComponentResource):
    """One parameter for each name.

    A secret is made with a placeholder through the provider's write-only argument: no refresh ever reads a
    value back, so what its owner puts in is in neither the program nor the state, and no update overwrites
    it. Advanced parameters and their policies are left out: none is longer than 4 KB or expires.
    """

    parameters: dict[str, ssm.Parameter]
    names: dict[str, pulumi.Output[str]]
    arns: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: ParametersArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:security:Parameters", name, None, opts)
        self._name = name
        self._args = args
        self.parameters = {
            **{key: self._build_value(key, value) for key, value in args.values.items()},
            **{key: self._build_secret(key, purpose) for key, purpose in args.secrets.items()},
        }
        self.names = {key: parameter.name for key, parameter in self.parameters.items()}
        self.arns = {key: parameter.arn for key, parameter in self.parameters.items()}
        self.register_outputs({"names": self.names})

    def _build_value(self, key: str, value: pulumi.Input[str]) -> ssm.Parameter:
        return ssm.Parameter(
            self._child_name(key),
            name=f"{self._args.prefix}/{key}",
            type=ssm.ParameterType.STRING,
            tier="Standard",
            insecure_value=value,
            opts=stateful(self, protected=self._args.deletion_protection),
        )

    def _build_secret(self, key: str, purpose: str) -> ssm.Parameter:
        return ssm.Parameter(
            self._child_name(key),
            name=f"{self._args.prefix}/{key}",
            description=purpose,
            type=ssm.ParameterType.SECURE_STRING,
            tier="Standard",
            key_id=self._args.kms_key_arn,
            value_wo=PLACEHOLDER,
            value_wo_version=PLACEHOLDER_VERSION,
            opts=stateful(self, protected=self._args.deletion_protection),
        )

    def _child_name(self, key: str) -> str:
        return f"{self._name}-{key.replace('/', '-')}"


def read_parameters(*parameter_arns: Text) -> Statement:
    """Read the named parameters. A secret needs its key besides."""
    return Statement(actions=["ssm:GetParameter", "ssm:GetParameters"], resources=parameter_arns)
