"""The words of settings: annotated types that carry their range, for errors and for editors."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Strict
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

NOT_ALLOWED = "not_allowed"
WRONG_KIND = "wrong_kind"


@dataclass(frozen=True)
class Matching:
    """A text of a certain form. ``allowed`` says which, in words; ``check`` refuses what a pattern cannot."""

    pattern: str
    allowed: str
    check: Callable[[str], bool] | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._validate, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        message = f"must be {self.allowed}"
        return {**handler(schema), "pattern": f"^({self.pattern})$", "patternErrorMessage": message}

    def _validate(self, text: str) -> str:
        if re.fullmatch(self.pattern, text) is None or (self.check is not None and not self.check(text)):
            raise PydanticCustomError(NOT_ALLOWED, "{allowed}", {"allowed": self.allowed})
        return text


def _is_network(text: str) -> bool:
    try:
        IPv4Network(text)
    except (AddressValueError, NetmaskValueError, ValueError):
        return False
    return True


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def no_flag(value: object) -> object:
    """Python counts true as 1 and false as 0, and so would a choice of numbers."""
    if isinstance(value, bool):
        raise PydanticCustomError(WRONG_KIND, "not a number")
    return value


def _is_half_step(capacity: float) -> float:
    if capacity * 2 != int(capacity * 2):
        raise PydanticCustomError(NOT_ALLOWED, "{allowed}", {"allowed": "a number in steps of 0.5"})
    return capacity


@dataclass(frozen=True)
class HalfSteps:
    """Aurora counts capacity in halves."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(_is_half_step, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "multipleOf": 0.5}


_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"({_LABEL}\.)+[a-z]{{2,63}}"

Flag = Annotated[bool, Strict()]
Name = Annotated[
    str, Strict(), Matching(r"[A-Za-z0-9][A-Za-z0-9 ._@:/+=-]{0,127}", "a text of 1 to 128 letters")
]
Percent = Annotated[int, Strict(), Field(ge=1, le=100)]
Count = Annotated[int, Strict(), Field(ge=0, le=1000)]
Minutes = Annotated[int, Strict(), Field(ge=1, le=1440)]
Positive = Annotated[int, Strict(), Field(ge=1, le=1_000_000)]
Port = Annotated[int, Strict(), Field(ge=1, le=65_535)]
Usd = Annotated[float, Strict(), Field(gt=0, le=1_000_000)]

Hostname = Annotated[str, Strict(), Matching(_HOST, "a host name in lower case, such as safework2.jclee.me")]
ZoneName = Hostname
HostedZoneId = Annotated[
    str,
    Strict(),
    Matching(r"Z[A-Z0-9]{5,31}", "the id of a Route 53 hosted zone, such as Z0123456789ABCDEFGHIJ"),
]
CertificateDomain = Annotated[
    str, Strict(), Matching(rf"(\*\.)?{_HOST}", "a host name or a wildcard, such as *.jclee.me")
]
Origin = Annotated[str, Strict(), Matching(rf"https://{_HOST}(:\d+)?", "an https origin without a path")]
HttpsUrl = Annotated[str, Strict(), Matching(rf"https://{_HOST}(:\d+)?(/\S*)?", "an https address")]
EmailAddress = Annotated[
    str, Strict(), Matching(rf"[A-Za-z0-9._%+-]+@{_HOST}", "an e-mail address, such as ops@jclee.me")
]
Cidr = Annotated[
    str,
    Strict(),
    Matching(r"[0-9.]+/[0-9]{1,2}", "an IPv4 block without host bits, such as 10.20.0.0/16", _is_network),
]
Ipv4 = Annotated[str, Strict(), Matching(r"[0-9.]+", "an IPv4 address, such as 221.153.20.249", _is_address)]
AccountId = Annotated[str, Strict(), Matching(r"[0-9]{12}", "an AWS account number: 12 digits, in quotes")]
Region = Annotated[
    str, Strict(), Matching(r"[a-z]{2}(-[a-z]+)+-[0-9]", "an AWS region, such as ap-northeast-2")
]
Zone = Annotated[
    str, Strict(), Matching(r"[a-z]{2}(-[a-z]+)+-[0-9][a-z]", "an availability zone, such as ap-northeast-2a")
]
CloudflareId = Annotated[str, Strict(), Matching(r"[0-9a-f]{32}", "a Cloudflare id: 32 hexadecimal digits")]
RoutePath = Annotated[
    str,
    Strict(),
    Matching(r"/([a-z0-9_-]+/)*([a-z0-9_-]+|\*)?", "a path such as /login, or /auth/* for all below it"),
]
RelativePath = Annotated[
    str,
    Strict(),
    Matching(
        r"[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*",
        "a path inside the repository, such as apps/safework",
        lambda text: ".." not in text.split("/"),
    ),
]
Repository = Annotated[
    str,
    Strict(),
    Matching(r"[A-Za-z0-9.-]+(/[A-Za-z0-9._-]+)+", "a repository, such as github.com/jclee/app"),
]

BranchName = Annotated[
    str,
    Strict(),
    Matching(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,99}", "the name of a branch, such as main"),
]
BucketName = Annotated[
    str,
    Strict(),
    Matching(
        r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        "the name of a bucket: 3 to 63 lower-case letters, digits, dots, dashes",
    ),
]
KmsKeyArn = Annotated[
    str,
    Strict(),
    Matching(
        r"arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+",
        "the ARN of a KMS key, such as arn:aws:kms:ap-northeast-2:111122223333:key/1234abcd-...",
    ),
]

EngineVersion = Annotated[
    str, Strict(), Matching(r"[0-9]{1,2}(\.[0-9]{1,2})?", "a version such as '17' or '17.6'")
]

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MemoryMb = Annotated[int, Strict(), Field(ge=128, le=10_240)]
FunctionTimeout = Annotated[int, Strict(), Field(ge=1, le=900)]
# Aurora PostgreSQL and MySQL Serverless v2: 0 pauses, the largest is 256 ACU.
Acu = Annotated[float, Strict(), Field(ge=0, le=256), HalfSteps()]
# The values that CloudWatch Logs accepts, up to one year.
RetentionDays = Annotated[Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365], BeforeValidator(no_flag)]
# The stages of a cutover, in percent.
Share = Annotated[Literal[0, 25, 50, 100], BeforeValidator(no_flag)]
BackupDays = Annotated[int, Strict(), Field(ge=7, le=35)]
