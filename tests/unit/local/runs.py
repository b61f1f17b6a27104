"""A program from the source of its steps, and a run of it that needs no process."""

from __future__ import annotations

import asyncio
from textwrap import dedent, indent
from typing import TYPE_CHECKING

from flowc.compiler import analyze
from flowc.diagnostics.model import Sink
from flowc.local.interpret import Interpreter
from flowc.local.places import Places
from flowc.source import Sources
from flowc.target.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from flowc.ir.program import Program


def program(steps: str) -> Program:
    """The program of a flow `F` with these steps."""
    body = indent(dedent(steps), "    ")
    source = f"from flowc import FlowSpec, step, fanout, parallel\n\nclass F(FlowSpec):\n{body}"
    sink = Sink()
    made = analyze("flow.py", Sources(None, {"flow.py": source}), Settings(), sink)
    assert made is not None, list(sink)
    return made


class Run:
    """Carries a program out in thought. `records` says what steps record, `kept` which tasks need not run."""

    def __init__(
        self,
        steps: str,
        records: Mapping[str, Mapping[str, object]],
        kept: Collection[str] = (),
        workers: int = 16,
        failing: str = "",
    ) -> None:
        self.ran: list[str] = []
        self.cancelled: list[str] = []
        self.at_once: dict[str, int] = {}
        self._now: dict[str, int] = {}
        self._records = records
        self._kept = kept
        self._failing = failing
        self._places = Places(workers)
        self._program = program(steps)

    def __call__(self) -> list[str]:
        """The tasks that ran, in their order."""
        asyncio.run(Interpreter(self._program, self._task, self._places.take).run())
        return self.ran

    async def _task(
        self, step: str, path: str, placed: bool, fresh: bool
    ) -> tuple[Mapping[str, object], bool]:
        name = f"{step}/{path}"
        record = self._records.get(name, self._records.get(step, {}))
        if name in self._kept and not fresh:
            return record, False
        async with self._places.take(0 if placed else 1):
            self._now[step] = self._now.get(step, 0) + 1
            self.at_once[step] = max(self.at_once.get(step, 0), self._now[step])
            try:
                await asyncio.sleep(0)
                if name == self._failing:
                    raise RuntimeError(name)
                await asyncio.sleep(0.001)
            except asyncio.CancelledError:
                self.cancelled.append(name)
                raise
            finally:
                self._now[step] -= 1
        self.ran.append(name)
        return record, True
