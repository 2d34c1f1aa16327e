"""A CloudFront Function: small JavaScript that sees each request at the viewer's edge."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pulumi
from pulumi_aws import cloudfront

RUNTIME = "cloudfront-js-2.0"
MAX_BYTES = 10_240
"""Of the code (quotas of CloudFront Functions)."""


def edge_code(source: Path, values: Mapping[str, str]) -> str:
    """The source with each ``@NAME@`` replaced. Raises ValueError for a name without a value, a value that
    could leave its quotes, or code past the limit."""
    text = source.read_text(encoding="utf-8")
    names = set(re.findall(r"@([A-Z_]+)@", text))
    if names != set(values):
        raise ValueError(f"values: got {sorted(values)}; {source.name} asks for {sorted(names)}")
    for name, value in values.items():
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", value):
            raise ValueError(f"values: {name}: got {value!r}; letters, digits and _ . - alone")
        text = text.replace(f"@{name}@", value)
    if len(text.encode()) > MAX_BYTES:
        raise ValueError(f"{source}: {len(text.encode())} bytes; CloudFront takes {MAX_BYTES}")
    return text


@dataclass(frozen=True, kw_only=True)
class EdgeFunctionArgs:
    """``source`` is JavaScript with ``@NAME@`` where ``values`` go."""

    source: Path
    comment: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])


class EdgeFunction(pulumi.ComponentResource):
    """One function, published: a change is live everywhere within minutes, and it is deleted at once.

    Lambda@Edge is left out: it costs more, starts slower, and its replicas delay a deletion by hours.
    """

    function: cloudfront.Function
    function_arn: pulumi.Output[str]

    def __init__(self, name: str, args: EdgeFunctionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("platform:edge:EdgeFunction", name, None, opts)
        self.function = cloudfront.Function(
            f"{name}-function",
            runtime=RUNTIME,
            comment=args.comment,
            code=edge_code(args.source, args.values),
            publish=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.function_arn = self.function.arn
        self.register_outputs({"functionArn": self.function_arn})
