"""Pages of docs/diagnostics as projects: files, options and what is to be reported where.

A section that begins with `## Example` shows faults, one that begins with `## Repaired` the same
project without them: it takes over the example's other files and options unless it has its own.
"""

from __future__ import annotations

import os
import re
import shlex
from typing import NamedTuple

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, "docs", "diagnostics")

_BLOCK = re.compile(
    r"^```(?P<language>python|toml|text|yaml)(?: file=(?P<file>\S+))?\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_SECTION = re.compile(r"^## (?P<title>.*)$", re.MULTILINE)
_OPTIONS = re.compile(r"^Options:(?P<options>.*)$", re.MULTILINE)
_MARK = re.compile(
    r"# (?P<severity>error|warning): (?P<code>FC\d{3}) ?(?P<message>.*?)(?= # |$)", re.MULTILINE
)


# What a block is called that names no file.
_NAMES = {"python": "flow.py", "yaml": "manifest.yaml", "toml": "pyproject.toml", "text": "text"}


class Expected(NamedTuple):
    """One diagnostic: its place, and a part of its message."""

    path: str
    line: int
    severity: str
    code: str
    part: str


class Project(NamedTuple):
    """One section of a page."""

    title: str
    files: dict[str, str]
    options: list[str]
    expected: list[Expected]


class Page(NamedTuple):
    """A page: its head line and its projects."""

    code: str
    head: str
    text: str
    projects: list[Project]


def codes_with_pages() -> list[str]:
    return sorted(name.removesuffix(".md") for name in os.listdir(FOLDER) if name.startswith("FC"))


def read_page(code: str) -> Page:
    with open(os.path.join(FOLDER, f"{code}.md"), encoding="utf-8") as stream:
        text = stream.read()
    return parse_page(code, text)


def parse_page(code: str, text: str) -> Page:
    projects: list[Project] = []
    sections = list(_SECTION.finditer(text))
    ends = [section.start() for section in sections[1:]] + [len(text)]
    for section, end in zip(sections, ends, strict=False):
        body = text[section.end() : end]
        title = section["title"]
        if title.startswith("Example"):
            projects.append(_project(title, body, Project("", {}, [], [])))
        elif title.startswith("Repaired"):
            projects.append(_project(title, body, projects[-1]))
    return Page(code, text.partition("\n")[0], text, projects)


def _project(title: str, body: str, before: Project) -> Project:
    own = {match["file"] or _NAMES[match["language"]]: match["text"] for match in _BLOCK.finditer(body)}
    if not own:
        return Project(title, {}, [], [])
    options = _OPTIONS.search(body)
    written = shlex.split(options["options"].replace("`", "")) if options else before.options
    # What the example marks in a file that is taken over is no fault of the repaired project.
    taken = {name: _MARK.sub("", text) for name, text in before.files.items() if name != "flow.py"}
    files = taken | own
    expected = [e for name, content in files.items() for e in _marks(name, content)]
    return Project(title, files, written, sorted(expected))


def _marks(path: str, text: str) -> list[Expected]:
    return [
        Expected(path, number, mark["severity"], mark["code"], mark["message"].strip())
        for number, line in enumerate(text.split("\n"), 1)
        for mark in _MARK.finditer(line)
    ]
