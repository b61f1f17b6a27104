"""The difference of two manifests in words: whose step, what it was, what it is, where it is written.

Both files are read as objects and walked side by side; elements of lists are matched by their
name, so that an inserted one does not shift the others. Base64 documents are opened. Where a file
is no object, or only its layout differs, the lines of its text are compared.
"""

from __future__ import annotations

import base64
import difflib
import json
from typing import TYPE_CHECKING, NamedTuple

from flowc import contract
from flowc.cli.project import displayed
from flowc.manifest.read import read_documents

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.ir.program import Program

_ABSENT = object()
_LONGEST = 60  # characters of a value that are shown
_MOST_TEXT_LINES = 40


class Change(NamedTuple):
    """One leaf that differs: the keys to it, both values, and the objects around it, outermost first."""

    path: tuple[str, ...]
    old: object
    new: object
    around: tuple[object, ...]


def describe(name: str, committed: bytes, current: bytes, program: Program) -> list[str]:
    """One line for each difference, the same thing said once."""
    old, new = read_documents(name, committed), read_documents(name, current)
    if old is None or new is None:
        return _text_lines(committed, current)
    whole = (old[0], new[0]) if len(old) == len(new) == 1 else (old, new)
    lines = [_sentence(change, program) for change in changes(*whole)]
    return list(dict.fromkeys(lines)) or ["only its layout differs", *_text_lines(committed, current)]


def changes(old: object, new: object) -> Iterator[Change]:
    """The leaves in which two objects differ, in the order of the new one."""
    stack = [Change((), old, new, ())]
    while stack:
        change = stack.pop()
        inner = _inside(change)
        if inner is not None:
            stack.extend(reversed(inner))
        elif change.old != change.new:
            yield change


def _inside(change: Change) -> list[Change] | None:
    """The differing parts of two objects of one kind; None for leaves."""
    old, new = _opened(change.old), _opened(change.new)
    if isinstance(old, list) and isinstance(new, list):
        old, new = _keyed(old), _keyed(new)
    if not isinstance(old, dict) or not isinstance(new, dict):
        return None
    around = (*change.around, new)
    return [
        Change((*change.path, str(key)), old.get(key, _ABSENT), new.get(key, _ABSENT), around)
        for key in dict.fromkeys((*new, *old))
        if old.get(key, _ABSENT) != new.get(key, _ABSENT)
    ]


def _opened(value: object) -> object:
    """What a base64 document or a text of JSON holds; anything else as it is."""
    if not isinstance(value, str) or len(value) < 4:
        return value
    text = value
    if value[:2] == "ey":  # the base64 of `{"`
        try:
            text = base64.b64decode(value, validate=True).decode()
        except ValueError:
            return value
    if text[:1] != "{":
        return value
    try:
        return json.loads(text)
    except ValueError:
        return value


def _keyed(items: list[object]) -> dict[str, object]:
    """The elements by name where all have one of their own, else by position."""
    names = [_name(item) for item in items]
    if None in names or len(set(names)) < len(names):
        names = [str(index) for index in range(len(items))]
    return {str(name): item for name, item in zip(names, items, strict=True)}


def _name(item: object) -> str | None:
    if not isinstance(item, dict):
        return None
    metadata = item.get("metadata")
    if isinstance(metadata, dict) and "kind" in item:
        return f"{item['kind']} {metadata.get('name')}"
    name = item.get("name", item.get("Name", item.get("Type")))
    return name if isinstance(name, str) else None


def _sentence(change: Change, program: Program) -> str:
    step = _step_of(change, program)
    old, new = change.old, change.new
    resource = _resource(change.path)
    if resource and step and isinstance(new, str | int | float) and old is not _ABSENT:
        said = f"`{step}` asks for {_amount(resource, new)} (committed: {_amount(resource, old)})"
        return said + _from(step, program, resources=True)
    where = ".".join(change.path[-3:] if step else change.path[-5:])
    said = f"{f'`{step}`: ' if step else ''}{where} {_states(old, new)}"
    return said + _from(step, program, resources=False)


def _resource(path: tuple[str, ...]) -> str | None:
    """The unit of the resource that the keys lead to: `limits.memory`, or Batch's `MEMORY.Value`."""
    words = [part.lower() for part in path]
    if words and words[-1] == "value":
        words.pop()
    return _UNITS.get(words[-1]) if words else None


_UNITS = {"memory": "MB", "cpu": "CPU", "vcpu": "CPU", "nvidia.com/gpu": "GPU", "gpu": "GPU"}


def _amount(unit: str, value: object) -> str:
    text = str(value)
    if text.endswith("m") and text[:-1].isdigit():  # Kubernetes' thousandths
        text = f"{int(text[:-1]) / 1000:g}"
    return f"{text.removesuffix('M')} {unit}"


def _states(old: object, new: object) -> str:
    if old is _ABSENT:
        return f"is new: {_shown(new)}"
    if new is _ABSENT:
        return f"is gone (committed: {_shown(old)})"
    return f"is {_shown(new)} (committed: {_shown(old)})"


def _shown(value: object) -> str:
    if isinstance(value, dict | list):
        return (
            f"{{{', '.join(map(str, value))}}}"[:_LONGEST]
            if isinstance(value, dict)
            else f"{len(value)} elements"
        )
    text = str(value).replace("\n", " ")
    return f"`{text}`" if len(text) <= _LONGEST else f"`{text[: _LONGEST - 1]}…`"


def _step_of(change: Change, program: Program) -> str | None:
    """The step that the innermost object around the change speaks of, by its FLOWC_STEP or its name."""
    for around in reversed(change.around):
        found = {s for s in _mentioned(around) if s in program.graph.steps}
        if len(found) == 1:
            return found.pop()
        if found:
            break
    named = [part for part in change.path if part in program.graph.steps]
    return named[-1] if named else None


def _mentioned(value: object) -> Iterator[str]:
    """The values of FLOWC_STEP anywhere inside an object."""
    stack = [value]
    while stack:
        at = stack.pop()
        if isinstance(at, list):
            stack.extend(at)
        elif isinstance(at, dict):
            if at.get("name", at.get("Name")) == contract.ENV_STEP:
                yield contract.unescape_name(str(at.get("value", at.get("Value"))))
            stack.extend(at.values())


def _from(step: str | None, program: Program, *, resources: bool) -> str:
    """`, from flows/train.py:25`: the decorator that says it, or the step."""
    if step is None:
        return ""
    found = program.graph.steps[step]
    span = (found.spec.resources_span if resources else None) or found.span
    return f", from {displayed(span.file)}:{span.line}"


def _text_lines(committed: bytes, current: bytes) -> list[str]:
    try:
        old, new = committed.decode().splitlines(), current.decode().splitlines()
    except UnicodeDecodeError:
        return [f"its bytes differ ({len(committed)} committed, {len(current)} now)"]
    lines = list(difflib.unified_diff(old, new, "committed", "current", lineterm="", n=1))
    return [line[:160] for line in lines[:_MOST_TEXT_LINES]]
