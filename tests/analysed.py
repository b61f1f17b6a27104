"""Flows in a short spelling, with the diagnostics they must give marked on their lines.

    start: self.x = 1; next a, b        a step; `next` for `self.next`, targets without `self.`
    join j: …                           a step with `inputs`; more lines of a step are indented
    @catch(var='e')                     anything else at the left margin stands in the class
    end: print(self.y)   # FC401 no step before assigns it # FC403? a warning

A mark is a code, `?` for a warning, and a fragment of the message. A flow must give exactly what is
marked. The last step ends the flow.
"""

from __future__ import annotations

import re
import textwrap

from flowc.diagnostics.model import Severity, Sink
from flowc.frontend.declare import declare
from flowc.frontend.folding.constants import Folder
from flowc.frontend.project.modules import Project
from flowc.frontend.resolve import resolve
from flowc.passes.artifacts import check_artifacts
from flowc.passes.bounds import fanouts
from flowc.passes.reachability import check_reachability
from flowc.passes.settle import settle
from flowc.passes.structure.regions import structure
from flowc.source import Sources
from flowc.target.settings import Settings

_STEP = re.compile(r"(?P<join>join )?(?P<name>\w+):(?P<rest>(?!\w).*)")
_NEXT = re.compile(r"\bnext ([^;#\n]*)")
_TARGET = re.compile(r"(?P<before>^|[,:]\s*)(?P<name>[a-zA-Z_]\w*)(?=\s*(?:,|$|\}))")
_MARK = re.compile(r"(FC\d{3})(\??)\s*(.*)")


def check(text: str, settings: Settings | None = None) -> None:
    """Fail unless the flow gives what is marked, and nothing else."""
    source = source_of(text)
    expected = list(marks(source))
    found = [
        (d.primary.span.line, d.rule.code + "?" * (d.severity is Severity.WARNING), d.message)
        for d in analyse(source, settings)
    ]
    matches = len(found) == len(expected) and all(
        have[:2] == want[:2] and want[2] in have[2] for have, want in zip(found, expected, strict=True)
    )
    assert matches, "\n".join([source, "found:", *map(str, found), "expected:", *map(str, expected)])


def marks(source: str) -> list[tuple[int, str, str]]:
    """The diagnostics marked in a source: line, code with `?` for a warning, fragment."""
    found = []
    for number, line in enumerate(source.splitlines(), 1):
        for part in re.split(r"\s*#\s+", line)[1:]:
            match = _MARK.match(part)
            if match is not None:
                found.append((number, match[1] + match[2], match[3].strip()))
    return found


def analyse(source: str, settings: Settings | None = None) -> Sink:
    """Run all that judges a flow without a target over a flow file."""
    settings, sink = settings or Settings(), Sink()
    project = Project(Sources(None, {"flow.py": source}), "flow.py", sink)
    declared = declare(project, None, sink)
    assert declared is not None, [d.message for d in sink]
    graph = resolve(declared, Folder(project), settings, sink)
    assert graph is not None, [d.message for d in sink]
    graph = check_reachability(graph, sink)
    graph = settle(graph, structure(graph, sink))
    check_artifacts(graph, sink)
    fanouts(graph, settings, sink)
    return sink


def source_of(text: str) -> str:
    """The flow file that the short spelling means."""
    lines = ["from flowc import *", "import functools, mystery, random, threading", "", "class F(FlowSpec):"]
    in_step = False
    for line in textwrap.dedent(text).strip("\n").splitlines():
        match = _STEP.match(line)
        if match is not None:
            in_step = True
            parameters = "self, inputs" if match["join"] else "self"
            rest = _spelled(match["rest"].strip())
            lines += ["    @step", f"    def {match['name']}({parameters}): {rest}"]
        else:
            in_step = in_step and line[:1].isspace()
            lines.append("    " + (_spelled(line) if in_step else line))
    return "\n".join(lines) + "\n"


def _spelled(code: str) -> str:
    def call(found: re.Match[str]) -> str:
        return "self.next(" + _TARGET.sub(r"\g<before>self.\g<name>", found[1].strip()) + ")"

    return _NEXT.sub(call, code)
