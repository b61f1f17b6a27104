"""The command line in tests: a folder with files, commands run in it, and small flows to try."""

from __future__ import annotations

import os
import signal
from textwrap import dedent
from typing import TYPE_CHECKING, NamedTuple

from flowc.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TypeAlias

    import pytest

    Run: TypeAlias = Callable[..., "Ended"]

HELLO = """\
from flowc import FlowSpec, step


class Hello(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
"""
TWO = HELLO + "\n\n" + HELLO.replace("Hello", "Other").partition("\n\n\n")[2]
BROKEN = HELLO.replace("self.end)", "self.done)")


def heed_signals() -> None:
    """In a new process, let signals end it, though the tests were started by `nohup` or beside a script."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


class Project:
    """A folder with files, in which commands are run."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        monkeypatch.chdir(folder)
        monkeypatch.setenv("FLOWC_DEBUG", "1")

    def write(self, **files: str) -> Project:
        for name, text in files.items():
            self.put(f"{name}.py", text)
        return self

    def put(self, name: str, text: str | bytes) -> Project:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return self

    def run(self, *arguments: str, capsys: pytest.CaptureFixture[str]) -> Ended:
        code = main(list(arguments))
        out, err = capsys.readouterr()
        return Ended(code, out, err)

    def files(self, folder: str) -> list[str]:
        return sorted(os.listdir(self.folder / folder))


def check(run: Run, command: str, expected: str, code: int = 0) -> None:
    """What a command prints on standard output."""
    ended = run(*command.split())
    assert (ended.out, ended.code) == (dedent(expected).lstrip("\n"), code), ended.err


def refused(run: Run, command: str, *parts: str, code: int = 2) -> None:
    """A command that ends with a message which has the parts."""
    ended = run(*command.split())
    assert ended.code == code, ended.err
    for part in parts:
        assert part in ended.err
