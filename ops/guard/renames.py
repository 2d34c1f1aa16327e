"""Telling a rename from a loss: what is deleted here and created there, and the alias that joins them."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ops.guard.preview import CREATING, Step, name_of


@dataclass(frozen=True)
class Rename:
    """A resource, or the outermost component around it, that seems to go on under another URN."""

    old: str
    new: str
    same_parent: bool

    @property
    def alias(self) -> str:
        """The option that tells the engine so; children of a component follow it."""
        if self.same_parent:
            return f'ResourceOptions(aliases=[pulumi.Alias(name="{name_of(self.old)}")])'
        return f'ResourceOptions(aliases=["{self.old}"])'


class Renames:
    """The deletions and creations of a preview, matched."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._deleted = {step.urn: step for step in steps if step.operation == "delete"}
        self._created = [step for step in steps if step.operation in CREATING]

    def of(self, step: Step) -> Rename | None:
        """What a deleted resource may have become. The outermost component that moved is named, because one
        alias there is enough for all that is in it."""
        found = None
        current: Step | None = step
        while current is not None:
            found = self._counterpart(current) or found
            current = self._deleted.get(current.old.parent) if current.old else None
        return found

    def _counterpart(self, step: Step) -> Rename | None:
        candidates = [each for each in self._created if each.type == step.type and each.new]
        if not candidates or not step.old:
            return None
        parent = step.old.parent
        best = max(
            candidates,
            key=lambda each: (
                each.name == step.name,
                bool(each.new and each.new.parent == parent),
                SequenceMatcher(None, each.name, step.name).ratio(),
            ),
        )
        return Rename(step.urn, best.urn, bool(best.new and best.new.parent == parent))
