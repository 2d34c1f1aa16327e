"""Exceptions with an owner and an end: read strictly, so that a typing error cannot waive anything."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, cast

import yaml

FILE: Final = Path(__file__).with_name("waivers.yaml")
_KEYS: Final = frozenset({"rule", "urn", "reason", "owner", "expires"})
_OPTIONAL: Final = frozenset({"system"})


@dataclass(frozen=True)
class Waiver:
    """One rule set aside for the URNs that match a pattern (``*`` and ``?``), through ``expires``.

    A ``system`` is the value of a tag: in a stack that does not hold the system, the waiver does nothing.
    """

    rule: str
    urn: str
    reason: str
    owner: str
    expires: date
    system: str = ""

    def covers(self, rule: str, urn: str, today: date) -> bool:
        return self.rule == rule and not self.expired(today) and fnmatchcase(urn, self.urn)

    def concerns(self, stack_urn: str, systems: Collection[str]) -> bool:
        """Whether the pattern can match in this stack: one for prod is not unused because dev ran."""
        if self.system and self.system not in systems:
            return False
        if not stack_urn:
            return True
        ours, wanted = stack_urn.split("::")[:2], self.urn.split("::")[:2]
        return all(fnmatchcase(part, pattern) for part, pattern in zip(ours, wanted, strict=False))

    def expired(self, today: date) -> bool:
        return today > self.expires


class WaiverError(ValueError):
    """The waiver file cannot be used; lists every fault with the key it is under."""


def load(path: Path = FILE, *, rules: Collection[str]) -> tuple[Waiver, ...]:
    """Waivers of the file. Raises :class:`WaiverError` naming every bad key at once."""
    if not path.exists():
        return ()
    try:
        parsed: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise WaiverError(f"{path.name}: not YAML: {error}") from error
    if not isinstance(parsed, dict) or set(cast("dict[str, Any]", parsed)) != {"waivers"}:
        raise WaiverError(f"{path.name}: the one top-level key is 'waivers', a list (maybe empty)")
    listed: Any = cast("dict[str, Any]", parsed)["waivers"] or []
    if not isinstance(listed, list):
        raise WaiverError(f"{path.name}: waivers: got {type(listed).__name__}; a list")
    faults: list[str] = []
    found: list[Waiver] = []
    for index, entry in enumerate(cast("list[Any]", listed)):
        at = f"{path.name}: waivers[{index}]"
        problems = _faults(entry, at, rules)
        faults.extend(problems)
        if not problems:
            found.append(Waiver(**cast("dict[str, Any]", entry)))
    if faults:
        raise WaiverError("\n".join(faults))
    return tuple(found)


def _faults(entry: Any, at: str, rules: Collection[str]) -> list[str]:
    if not isinstance(entry, dict):
        return [f"{at}: got {entry!r}; a mapping with {', '.join(sorted(_KEYS))}"]
    fields = cast("dict[str, Any]", entry)
    faults = [f"{at}.{key}: missing; every waiver has it" for key in sorted(_KEYS - set(fields))]
    allowed = _KEYS | _OPTIONAL
    faults += [
        f"{at}.{key}: not a key; allowed: {', '.join(sorted(allowed))}"
        for key in sorted(set(fields) - allowed)
    ]
    for key in sorted(allowed & set(fields) - {"expires"}):
        if not isinstance(fields[key], str) or not fields[key].strip():
            faults.append(f"{at}.{key}: got {fields[key]!r}; a text that is not empty")
    if "expires" in fields and type(fields["expires"]) is not date:
        faults.append(f"{at}.expires: got {fields['expires']!r}; a date such as 2027-01-31")
    rule = fields.get("rule")
    if isinstance(rule, str) and rule not in rules:
        faults.append(f"{at}.rule: {rule!r} is no rule of the pack; see the control matrix")
    if isinstance(fields.get("urn"), str) and not fields["urn"].strip("*?"):
        faults.append(f"{at}.urn: {fields['urn']!r} matches everything; name the resource")
    return faults
