"""One run of the pack under the engine: what was seen, and what was decided."""

import os
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from policies import report
from policies.evaluation import (
    Evaluation,
    Mended,
    Outcome,
    Verdict,
    applicable,
    applies,
    judge,
    waiver_verdicts,
)
from policies.model import Graph, Record, Resource
from policies.remedies import REMEDIES, mended
from policies.rule import Rule
from policies.settings import PackConfig
from policies.stack_config import configured
from policies.waivers import Waiver

REPORT_VARIABLE: Final = "POLICY_REPORT"
"""Names a folder for the report files."""


class Session:
    """Collects verdicts from the engine's calls, which come on several threads, until the stack is done."""

    def __init__(self, rules: Iterable[Rule], waivers: Sequence[Waiver], config: PackConfig) -> None:
        self.rules = tuple(rules)
        self.waivers = tuple(waivers)
        self.config = config
        self._ids = frozenset(rule.id for rule in self.rules)
        self._mended: dict[tuple[str, str], Mended] = {}
        self._lock = threading.Lock()
        self._verdicts: dict[tuple[str, str], Verdict] = {}
        self._inputs: dict[str, Mapping[str, Any]] = {}
        self._graph: tuple[object, Graph] | None = None

    def configure(self, stack_config: Mapping[str, str]) -> None:
        """Takes what the stack's configuration says about the pack. Raises ConfigError listing its faults."""
        self.config = configured(self.config, stack_config, rules=self._ids)

    def applies(self, rule: Rule) -> bool:
        return applies(rule, self.config)

    def remedy(
        self, rule: Rule, record: Record, settings: Mapping[str, Any], properties: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """The properties set right, or None where the rule finds nothing wrong or the failure is waived.

        ``record`` holds them as rules read them; ``properties`` are as they came, with what is secret or
        unknown marked as the engine marks it.
        """
        resource = Resource(record, self.config.with_settings(settings))
        verdict = judge(rule, resource, Graph((resource,), resource.config), self.waivers)
        if verdict.outcome is not Outcome.FAILED:
            return None
        changed: Any = properties
        sets = REMEDIES[rule.id].sets(resource)
        for path, value in sets.items():
            changed = mended(changed, path, value)
        if changed == properties:
            return None
        with self._lock:
            self._mended[rule.id, record.urn] = Mended(rule.id, record.urn, tuple(sets))
        return changed

    def inspect(self, rule: Rule, record: Record, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """A resource rule's verdict; answers what the engine should report."""
        with self._lock:
            self._inputs[record.urn] = record.inputs
        config = self.config.with_settings(settings)
        resource = Resource(record, config)
        return self._keep(judge(rule, resource, Graph((resource,), config), self.waivers))

    def graph(self, key: object, records: Iterable[Record]) -> Graph:
        """The stack's graph, made once for all stack rules. ``key`` is the engine's list of resources.

        The engine shows outputs at the end; the planned inputs, seen one by one before, lie over them.
        """
        if self._graph is None or self._graph[0] is not key:
            resources = [
                Resource(replace(r, inputs=self._inputs.get(r.urn, r.outputs)), self.config) for r in records
            ]
            self._graph = (key, Graph(resources, self.config))
        return self._graph[1]

    def inspect_stack(
        self, rule: Rule, graph: Graph, settings: Mapping[str, Any]
    ) -> list[tuple[str, tuple[str, ...]]]:
        """A stack rule's verdicts as (urn, messages) to report."""
        config = self.config.with_settings(settings)
        found: list[tuple[str, tuple[str, ...]]] = []
        for resource in graph.resources:
            if rule.applies_to(resource.type):
                messages = self._keep(judge(rule, resource.configured(config), graph, self.waivers))
                if messages:
                    found.append((resource.urn, messages))
        return found

    def inspect_waivers(self, graph: Graph) -> tuple[str, ...]:
        verdict = waiver_verdicts(self.waivers, self._verdicts.values(), graph)[0]
        return self._keep(verdict)

    def finish(self, graph: Graph) -> Evaluation:
        """The whole run. Prints the summary to stderr, which the engine shows beside the stack."""
        rules = applicable(self.rules, self.config)
        evaluation = Evaluation(
            verdicts=list(self._verdicts.values()),
            mended=list(self._mended.values()),
            resources=len(graph.resources),
            rules=len(rules) + 1,
        )
        print(evaluation.summary(), file=sys.stderr, flush=True)
        folder = os.environ.get(REPORT_VARIABLE)
        if folder:
            report.write(evaluation, self.rules, Path(folder))
        self._graph = None
        return evaluation

    def _keep(self, verdict: Verdict) -> tuple[str, ...]:
        with self._lock:
            self._verdicts[verdict.rule, verdict.urn] = verdict
        return verdict.messages if verdict.outcome is Outcome.FAILED else ()
