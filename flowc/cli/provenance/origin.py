"""The flow that a manifest was made from, read again; nothing where it is not at hand.

The head of a YAML file and the annotation `flowc.dev/source` name the flow file from the project's
root; beside a state machine lies `template.json`, whose jobs have it in FLOWC_ENTRY.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from flowc.cli.options import Entry, configure
from flowc.cli.project import find_root
from flowc.cli.reading import analyze_entry

if TYPE_CHECKING:
    from flowc.ir.graph import FlowGraph

_HEAD = re.compile(r"Made by flowc from (\S+) \((\S+)\)")
_ANNOTATION = re.compile(r"^\s*flowc\.dev/source: (\S+)$", re.MULTILINE)
_ENTRY = re.compile(r'"FLOWC_ENTRY",\s*"Value":\s*"([^"]+)"')
_FLOW = re.compile(r'"FLOWC_FLOW",\s*"Value":\s*"([^"]+)"')


class Origin(NamedTuple):
    """A manifest's flow: `file` as the manifest names it ("": it does not), and the flow if it could be read."""

    file: str
    graph: FlowGraph | None


def origin_of(path: str, text: str) -> Origin:
    """The flow behind the manifest `path` with the text `text`."""
    file, flow = _names(path, text)
    root = _root_with(file, os.path.dirname(os.path.abspath(path))) if file else None
    if root is None:
        return Origin(file, None)
    program = analyze_entry(Entry(root, file), configure(root, {}), flow or None).program
    return Origin(file, program.graph if program else None)


def _root_with(file: str, folder: str) -> str | None:
    """The project's root if the flow file lies there, else the nearest folder upward from which it does."""
    root = find_root(folder)
    while not os.path.isfile(os.path.join(root, file)):
        parent = os.path.dirname(root)
        if parent == root:
            return None
        root = parent
    return root


def _names(path: str, text: str) -> tuple[str, str]:
    head = _HEAD.search(text)
    if head:
        return head[1], head[2]
    annotation = _ANNOTATION.search(text)
    if annotation:
        return annotation[1].strip('"'), ""
    beside = os.path.join(os.path.dirname(os.path.abspath(path)), "template.json")
    for candidate in (text, _read(beside)):
        entry, flow = _ENTRY.search(candidate), _FLOW.search(candidate)
        if entry:
            return entry[1], flow[1] if flow else ""
    return "", ""


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError):
        return ""
