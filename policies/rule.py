"""What a rule is, and the registry that the decorators fill."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from policies.model import Graph, Resource

Found = str | None | Iterable[str | None]
"""What a check answers: nothing, or one or more sentences saying what is wrong."""

ResourceCheck = Callable[[Resource], Found]
StackCheck = Callable[[Resource, Graph], Found]

ANY = "*"
"""Stands for every resource type in a rule's ``types``."""


class Pack(StrEnum):
    """What a rule is for. An owner may switch on some packs alone; frameworks cut across them."""

    SECURITY = "security"
    RELIABILITY = "reliability"
    OPERATIONS = "operations"
    COST = "cost"


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Enforcement(StrEnum):
    """M is mandatory outside relaxed environments and advises in them, A advises, ALWAYS is mandatory."""

    M = "M"
    A = "A"
    ALWAYS = "always"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One demand on the resources of some types.

    ``stack`` rules see the whole graph, still one resource at a time. ``prod_only`` rules do not apply in
    relaxed environments, where what they demand is off by design (a dev database may be deleted).
    """

    id: str
    title: str
    types: tuple[str, ...]
    severity: Severity
    enforcement: Enforcement
    why: str
    fix: str
    check: StackCheck
    fsbp: tuple[str, ...] = ()
    cis: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    stack: bool = False
    prod_only: bool = False
    pack: Pack = Pack.SECURITY

    @property
    def service(self) -> str:
        return self.check.__module__.rsplit(".", 1)[-1]

    @property
    def packs(self) -> frozenset[str]:
        """The names by which a selection may ask for this rule: its pack, and the frameworks it serves."""
        frameworks = {"fsbp"} if self.fsbp else set[str]()
        return frozenset({str(self.pack), *frameworks, *({"cis"} if self.cis else set[str]())})

    def applies_to(self, token: str) -> bool:
        return token in self.types or (ANY in self.types and not token.startswith(("pulumi:", "platform:")))

    def level(self, *, relaxed: bool) -> str:
        """``mandatory`` or ``advisory`` for an environment."""
        if self.enforcement is Enforcement.ALWAYS:
            return "mandatory"
        return "mandatory" if self.enforcement is Enforcement.M and not relaxed else "advisory"


PACKS = (*(str(pack) for pack in Pack), "fsbp", "cis")
"""Names that a selection of packs may hold."""

_REGISTRY: dict[str, Rule] = {}


def _register(rule: Rule) -> None:
    if rule.id in _REGISTRY:
        raise ValueError(f"{rule.id}: two rules have this id; ids are unique across the pack")
    _REGISTRY[rule.id] = rule


def rule(
    *,
    id: str,  # noqa: A002 - the field's own name
    title: str,
    types: tuple[str, ...],
    severity: Severity | str,
    enforcement: Enforcement | str,
    why: str,
    fix: str,
    fsbp: tuple[str, ...] = (),
    cis: tuple[str, ...] = (),
    settings: tuple[str, ...] = (),
    prod_only: bool = False,
    pack: Pack | str = Pack.SECURITY,
) -> Callable[[ResourceCheck], ResourceCheck]:
    """A rule decided by one resource's own properties."""

    def register(check: ResourceCheck) -> ResourceCheck:
        def adapted(resource: Resource, _graph: Graph) -> Found:
            return check(resource)

        adapted.__module__ = check.__module__
        _register(
            Rule(
                id=id,
                title=title,
                types=types,
                severity=Severity(severity),
                enforcement=Enforcement(enforcement),
                why=why,
                fix=fix,
                fsbp=fsbp,
                cis=cis,
                settings=settings,
                prod_only=prod_only,
                pack=Pack(pack),
                check=adapted,
            )
        )
        return check

    return register


def stack_rule(
    *,
    id: str,  # noqa: A002 - the field's own name
    title: str,
    types: tuple[str, ...],
    severity: Severity | str,
    enforcement: Enforcement | str,
    why: str,
    fix: str,
    fsbp: tuple[str, ...] = (),
    cis: tuple[str, ...] = (),
    settings: tuple[str, ...] = (),
    prod_only: bool = False,
    pack: Pack | str = Pack.SECURITY,
) -> Callable[[StackCheck], StackCheck]:
    """A rule that follows references: asked once for each resource of ``types``, with the graph."""

    def register(check: StackCheck) -> StackCheck:
        _register(
            Rule(
                id=id,
                title=title,
                types=types,
                severity=Severity(severity),
                enforcement=Enforcement(enforcement),
                why=why,
                fix=fix,
                fsbp=fsbp,
                cis=cis,
                settings=settings,
                prod_only=prod_only,
                pack=Pack(pack),
                check=check,
                stack=True,
            )
        )
        return check

    return register


def all_rules() -> tuple[Rule, ...]:
    """Every rule of ``policies/rules``, in order of id. Adding a module there is all it takes."""
    package = importlib.import_module("policies.rules")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"policies.rules.{module.name}")
    return tuple(_REGISTRY[key] for key in sorted(_REGISTRY))
