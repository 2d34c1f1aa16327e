"""The systems that a stack can hold. A system that a stack does not list is not imported."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol, cast

from settings.stack import StackSettings
from systems.account import Account

# To add a system: its settings module, its module here, one line in each registry.
SYSTEMS: Mapping[str, str] = {
    "safework": "systems.safework:SafeWork",
    "workRedesign": "systems.work_redesign:WorkRedesign",
    "sesami": "systems.sesami:Sesami",
    "currencyTravel": "systems.currency_travel:CurrencyTravel",
    "petclinic": "systems.petclinic:PetClinic",
}


class System(Protocol):
    """The root component of a system."""

    exports: Mapping[str, Any]


class SystemType(Protocol):
    def __call__(self, stack: StackSettings, settings: Any, account: Account) -> System: ...


def build(stack: StackSettings) -> dict[str, Mapping[str, Any]]:
    """Builds each system that the stack lists; the stack exports what they return, keyed by system."""
    account = Account(stack)
    account.build_deploy_roles()
    account.build_baseline()
    return {
        key: _system_type(key)(stack, settings, account).exports for key, settings in stack.systems.items()
    }


def _system_type(key: str) -> SystemType:
    module, _, name = SYSTEMS[key].partition(":")
    return cast("SystemType", getattr(import_module(module), name))
