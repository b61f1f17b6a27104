"""How many nodes a run has for certain, where loops stand in one another.

A node is a pod, a template that runs others, a group of steps or of a loop's tasks, all attempts of a retry.
Each is known by 32 bits made of its name, so that of many nodes two may share an id, and then one is lost.

Invariant: only what certainly runs is counted. What has a condition, may be remembered from earlier runs, is
known only to the run or stands in another object counts as the one node that it leaves in any case.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.validate.argo.calls import as_groups, holders
from flowc.validate.argo.tags import is_dynamic
from flowc.validate.argo.templates import Template
from flowc.validate.parts import Mapping, items, mapping, number, text

if TYPE_CHECKING:
    from collections.abc import Mapping as AnyMapping

    from flowc.manifest.placed.document import Path
    from flowc.validate.argo.templates import Workflow

_MOST_NODES = 5_000
_COUNTLESS = 10**12  # nested loops multiply beyond what is worth telling apart
_SURE_DEPENDS = re.compile(r"(?:[\w\s()-]|&&|\.Succeeded\b)*")  # what is met wherever nothing fails


class _Call(NamedTuple):
    """A task or step: its name, place and value; the template that each of its runs certainly runs.

    It is `sure` where a run in which nothing fails comes to it.
    """

    name: str
    path: Path
    value: Mapping
    runs: Template | None
    sure: bool


def check_nodes(workflow: Workflow) -> None:
    """Report FC709 for loops that make more nodes than a run keeps apart, of nested ones for the innermost."""
    nodes: dict[int, int] = {}  # of one run of a template, by the identity of its value
    entered: set[int] = set()
    pending: list[tuple[Template, list[_Call] | None]] = [
        (each, None) for each in workflow.templates.values()
    ]
    while pending:
        template, calls = pending.pop()
        if calls is not None:
            nodes[id(template.value)] = _count(template, calls, nodes)
        elif id(template.value) not in entered:
            entered.add(id(template.value))
            calls = _calls(workflow, template)
            pending.append((template, calls))
            pending += [(call.runs, None) for call in calls if call.runs is not None]


def _calls(workflow: Workflow, template: Template) -> list[_Call]:
    found = []
    for name, path, value in holders(template):
        runs: Template | None = None
        if not value.get("when"):
            inline = mapping(value.get("inline"))
            at = template.findings.below(*path, "inline")
            runs = (
                Template(name, inline, at) if inline else workflow.templates.get(text(value.get("template")))
            )
        sure = _SURE_DEPENDS.fullmatch(text(value.get("depends"))) is not None
        found.append(_Call(name, path, value, runs, sure))
    return found


def _count(template: Template, calls: list[_Call], nodes: AnyMapping[int, int]) -> int:
    """The nodes of one run of a template whose inner ones are counted; one that comes to itself counts once there."""
    value = template.value
    total = 1 + len(as_groups(value.get("steps")))
    for call in calls:
        each = nodes.get(id(call.runs.value), 1) if call.runs is not None else 1
        loop, times = _times(call.value)
        if times * each > _MOST_NODES >= each:
            _report(template, call, loop, times, each)
        # A loop of a DAG's task has a node of its own; one without items, and what is left out, is one node.
        total += times * each + (bool(loop) and call.path[0] == "dag") if call.sure and times else 1
    if mapping(value.get("dag")).get("target") or value.get("memoize"):
        return 1
    return min(total + bool(value.get("retryStrategy")), _COUNTLESS)


def _times(holder: Mapping) -> tuple[Path, int]:
    """The loop of a task or step, and how often that runs for certain; () and 1 where it has none."""
    if holder.get("withItems"):
        return ("withItems",), len(items(holder["withItems"]))
    if written := text(holder.get("withParam")):
        return ("withParam",), _length(written)
    sequence = mapping(holder.get("withSequence"))
    if not sequence:
        return (), 1
    count, end, start = (number(sequence.get(key)) for key in ("count", "end", "start"))
    if count is not None:
        return ("withSequence", "count"), max(count, 0)
    if end is None or (start is None and sequence.get("start") is not None):
        return ("withSequence",), 0
    return ("withSequence", "end"), abs(end - (start or 0)) + 1


def _length(written: str) -> int:
    """The items of a list in JSON; 0 where only the run knows it."""
    if is_dynamic(written):
        return 0
    try:
        return len(items(json.loads(written)))
    except (ValueError, RecursionError):
        return 0


def _report(template: Template, call: _Call, loop: Path, times: int, each: int) -> None:
    word = "step" if call.path[0] == "steps" else "task"
    template.findings.report(
        catalog.MANIFEST_LIMIT,
        (*call.path, *loop),
        f"{word} `{call.name}` runs {times:,} times"
        + (f", with {each:,} nodes each time" if each > 1 else "")
        + f"; beyond {_MOST_NODES:,} nodes of a run two may share an id, and one is lost",
        "run fewer, with more work in each",
        at_key=len(loop) == 1,
        severity=Severity.WARNING,
    )
