"""The control matrix: every rule in one document. ``python -m policies.matrix`` writes it."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from policies.evaluation import WAIVERS_RULE
from policies.exempt import EXEMPT
from policies.remedies import REMEDIES
from policies.rule import ANY, PACKS, Enforcement, Rule, all_rules
from policies.settings import SETTINGS

FILE: Final = Path(__file__).resolve().parent.parent / "docs" / "policies.md"
_HEADER: Final = """\
# Control matrix

Generated from the rules by `python -m policies.matrix`; a test fails when it is out of date.

M is mandatory in prod and advisory in dev, A is advisory. S marks a rule that follows references through the
whole stack, P one that holds outside dev alone, R one with a [remediation](#remediations). An exception is
an entry of `policies/waivers.yaml`: rule, URN pattern, reason, owner and last day. An expired or unused entry
fails as `{waivers}`.

| rules | M | A | S | R | with an FSBP control | with a CIS control |
| --- | --- | --- | --- | --- | --- | --- |
| {rules} | {mandatory} | {advisory} | {stack} | {remedied} | {fsbp} | {cis} |

{packs}

## Contents

[Configuration](#configuration), then the rules by service:

{contents}

## Configuration

In the stack's file, for all rules; an error names the key, what it got and what is allowed:

```yaml
config:
  policies:config:
    environment: staging             # dev, development, test and sandbox advise; all others demand
    packs: [security, cis]           # {names}; all where none is named
    levels: {{ rds-own-port: disabled }} # mandatory, advisory, disabled or remediate
    remediate: [kms-key-rotated]     # or true for every rule that has a remediation
{settings}
```

The keys below `remediate` can also be set for one rule, with CrossGuard's `--policy-pack-config`. Declared
recovery objectives may also stand on the resource, as tags `rto-minutes` and `rpo-minutes`.

With `POLICY_REPORT=folder` a run writes its report there three times: text for people, JSON, and SARIF for
pull requests.
"""
_TITLES: Final = {
    "account": "Account, CloudTrail, Config, GuardDuty and Backup",
    "api_clients": "API Gateway",
    "apigateway": "API Gateway",
    "apigatewayv2": "API Gateway",
    "batch": "Batch and Pipes",
    "builds": "CodeBuild",
    "data": "DynamoDB and Secrets Manager",
    "dms": "DMS",
    "ec2": "VPC and security groups",
    "ecr": "ECR",
    "ecs": "ECS",
    "edge": "CloudFront, WAF, certificates and DNS",
    "efs": "EFS",
    "eks": "EKS",
    "elasticache": "ElastiCache",
    "elb": "Load balancers",
    "event_sources": "Lambda",
    "exposure": "Policies on resources, shares and ACLs",
    "failover": "Failover and replication",
    "hosts": "EC2 and Auto Scaling",
    "iam": "IAM",
    "iam_attachments": "IAM",
    "iam_trust": "IAM",
    "kms": "KMS",
    "kubernetes_pods": "Kubernetes",
    "lambda_": "Lambda",
    "messaging": "SNS and SQS",
    "msk": "MSK",
    "msk_topics": "MSK",
    "observability": "Alarms, logs and deployments",
    "parameters": "Parameter Store",
    "rds": "RDS and Aurora",
    "rds_events": "RDS and Aurora",
    "rds_topology": "RDS and Aurora",
    "rds_upkeep": "RDS and Aurora",
    "s3": "S3",
    "stack": "Every resource",
}
"""Module to heading; another module's name is its heading."""

_SAFE: Final = """\
Off until `remediate` names them. Each changes in place, loses no data and needs nothing else; the engine
shows what it changed, and the summary counts it. Waived failures are left as they are."""
_EXAMPLES: Final = {
    "requiredTags": "[system, owner]",
    "defaultTags": "{ owner: platform }",
    "allowedRegions": "[ap-northeast-2]",
    "edgeRegion": "us-east-1",
    "lambdaRuntimes": '{ python3.14: "2029-06-30" }',
    "engineVersions": '{ postgres: { "17": "2030-02-28" } }',
    "eksVersions": '{ "1.35": "2027-03-27" }',
    "minimumLogRetentionDays": "7",
    "minimumBackupDays": "7",
    "customNamespaces": "[Shop]",
    "openRoutes": "[/health]",
    "trustedAccounts": '["111122223333"]',
    "recoveryObjectives": "{ shop: { rtoMinutes: 60, rpoMinutes: 15 } }",
}


def render(rules: Iterable[Rule] | None = None) -> str:
    """The document as Markdown."""
    listed = list(all_rules() if rules is None else rules)
    head = _HEADER.format(
        waivers=WAIVERS_RULE,
        rules=len(listed) + 1,
        mandatory=sum(rule.enforcement is not Enforcement.A for rule in listed) + 1,
        advisory=sum(rule.enforcement is Enforcement.A for rule in listed),
        stack=sum(rule.stack for rule in listed) + 1,
        remedied=sum(rule.id in REMEDIES for rule in listed),
        fsbp=sum(bool(rule.fsbp) for rule in listed),
        cis=sum(bool(rule.cis) for rule in listed),
        contents=_contents(listed),
        packs=_packs(listed),
        names=", ".join(PACKS),
        settings="\n".join(f"    {key}: {_EXAMPLES[key]}" for key in SETTINGS),
    )
    titles = sorted({_title(rule) for rule in listed}, key=str.lower)
    sections = [_section(title, [rule for rule in listed if _title(rule) == title]) for title in titles]
    return "\n".join([head, *sections, _remediations(listed), _controls(listed), _exempt()])


def _title(rule: Rule) -> str:
    """The section of a rule: the service's name. A service's rules may lie in several modules."""
    return _TITLES.get(rule.service) or rule.service.strip("_").replace("_", " ").capitalize()


def _anchor(title: str) -> str:
    """As GitHub makes it of a heading."""
    return title.lower().replace(",", "").replace(" ", "-")


def _contents(rules: list[Rule]) -> str:
    """A line for each section, with how many rules it has, and the tables at the end."""
    counts = Counter(map(_title, rules))
    lines = [f"- [{name}](#{_anchor(name)}): {counts[name]}" for name in sorted(counts, key=str.lower)]
    tables = ("Remediations", "Controls", "Types without a rule of their own")
    return "\n".join([*lines, *(f"- [{name}](#{_anchor(name)})" for name in tables)])


def _packs(rules: list[Rule]) -> str:
    """How many rules each pack and framework holds."""
    counts = [sum(name in rule.packs for rule in rules) for name in PACKS]
    head = ["| pack | " + " | ".join(PACKS) + " |", "| --- " * (len(PACKS) + 1) + "|"]
    return "\n".join([*head, "| rules | " + " | ".join(map(str, counts)) + " |"])


def _remediations(rules: list[Rule]) -> str:
    rows = [f"| `{rule.id}` | {REMEDIES[rule.id].does} |" for rule in rules if rule.id in REMEDIES]
    return "\n".join(
        ["## Remediations", "", _SAFE, "", "| rule | what it does |", "| --- | --- |", *rows, ""]
    )


def _section(title: str, rules: list[Rule]) -> str:
    lines = [f"## {title}", ""]
    lines += ["| rule | demand | pack | level | severity | controls | why | mend |", "| --- " * 8 + "|"]
    for rule in rules:
        controls = ", ".join([*rule.fsbp, *(f"CIS {number}" for number in rule.cis)]) or "own"
        level = str(rule.enforcement) + ("S" if rule.stack else "") + ("P" if rule.prod_only else "")
        level += "R" if rule.id in REMEDIES else ""
        names = [f"`{rule.id}`", rule.title, str(rule.pack), level, str(rule.severity)]
        cells = [*names, controls, rule.why, rule.fix]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, ""])


def _controls(rules: list[Rule]) -> str:
    held: dict[str, list[str]] = {}
    for rule in rules:
        for control in (*rule.fsbp, *(f"CIS {number}" for number in rule.cis)):
            held.setdefault(control, []).append(f"`{rule.id}`")
    rows = [f"| {control} | {', '.join(held[control])} |" for control in sorted(held, key=_by_number)]
    return "\n".join(["## Controls", "", "| control | rules |", "| --- | --- |", *rows, ""])


def _by_number(control: str) -> tuple[str, list[int]]:
    service, _, number = control.replace("CIS ", "CIS.").partition(".")
    return service, [int(part) for part in number.split(".")]


def _exempt() -> str:
    rows = [f"| `{token}` | {reason} |" for token, reason in sorted(EXEMPT.items())]
    head = ["## Types without a rule of their own", "", "| type | reason |", "| --- | --- |"]
    return "\n".join([*head, *rows, ""])


def covered(token: str, rules: Iterable[Rule]) -> bool:
    """Whether a rule looks at the type for its own sake; tags and region apply to everything."""
    general = {"credential-not-in-properties", "region-allowed", "tags-required"}
    return any(token in rule.types and ANY not in rule.types for rule in rules if rule.id not in general)


def main() -> None:
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
