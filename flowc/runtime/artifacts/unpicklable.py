"""A value that cannot be pickled: which part of it, who assigned it, and what to do instead."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

DEEPEST = 20  # levels that are searched for the part at fault
_REMEDY = "Keep it in a local variable, and assign what it was made from or what it gave."


class UnpicklableArtifact(Exception):
    """A value that cannot be stored; the message is for the flow's author."""

    def __init__(
        self, name: str, task: str, value: Any, line: tuple[str, int] | None, cause: BaseException
    ) -> None:
        step = task.split("/")[-2] if "/" in task else task
        of_step = f" of step `{step}`" if step else ""
        where = "it is" if line is None else f"{_shown(line[0])}:{line[1]} assigned"
        super().__init__(
            f"artifact `{name}`{of_step} cannot be stored: {where} a value of type `{_kind(value)}`, {_reason(value, cause)}"
        )
        self.name = name


class NamelessArtifact(Exception):
    """A key of `self.__dict__` that is no name."""

    def __init__(self, step: str, key: object) -> None:
        super().__init__(
            f"step `{step}` left the key {key!r} in `self.__dict__`, of type `{_kind(key)}`: artifacts have names, "
            "which are strings.\n       Keep it in an artifact that is a dictionary."
        )


def _reason(value: Any, cause: BaseException) -> str:
    if isinstance(cause, RecursionError):
        return (
            "which is nested too deeply to be pickled.\n"
            "       Store it flat, such as a list of nodes that name each other by number."
        )
    if isinstance(cause, MemoryError):
        return (
            "and memory ran out while it was pickled.\n"
            "       Ask for more memory (`@resources(memory=…)`), or store it in parts."
        )
    try:
        path, part = _culprit(value)
        inside = f"whose {path}, a `{_kind(part)}`," if path else "which"
        remedy = _remedy(part, cause)
    except BaseException:  # whatever is asked of it, a value answers by code of its own
        inside, remedy = "which", _REMEDY
    return f"{inside} cannot be pickled ({_said(cause)}).\n       {remedy}"


def _said(cause: BaseException) -> str:
    """The text of an exception; of one that ends processes its kind too, since nobody expects it here."""
    try:
        return str(cause) if isinstance(cause, Exception) else f"{type(cause).__name__}: {cause}".rstrip(": ")
    except BaseException:  # a class of the flow's own
        return type(cause).__qualname__


def _remedy(part: Any, cause: BaseException) -> str:
    name = getattr(part, "__qualname__", "") if callable(part) else type(part).__qualname__
    if hasattr(part, "__next__") and not hasattr(part, "read"):
        return "Assign a list of its items instead: `list(…)`."
    if "<lambda>" in name or "<locals>" in name or "<locals>" in _said(cause):
        return (
            "Define the function or class at the top level of its module, where it has a name to be found by."
        )
    return _REMEDY


def _culprit(value: Any) -> tuple[str, Any]:
    """The innermost part of a value that cannot be pickled by itself, and the way to it."""
    path = ""
    for _ in range(DEEPEST):
        for step, part in _parts(value):
            if not _can_be_pickled(part):
                path, value = path + step, part
                break
        else:
            break
    return path, value


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield f"[{key!r}]", part
    elif isinstance(value, (list, tuple)):
        for index, part in enumerate(value):
            yield f"[{index}]", part
    else:
        for name, part in getattr(value, "__dict__", {}).items():
            yield f".{name}", part


class _Nowhere:
    def write(self, _content: bytes) -> None:
        """Forget it."""


def _can_be_pickled(value: Any) -> bool:
    import pickle

    try:
        pickle.Pickler(_Nowhere(), protocol=5, buffer_callback=_forget).dump(value)
    except BaseException:
        return False
    return True


def _forget(_buffer: object) -> None:
    """Forget it."""


def _kind(value: Any) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _shown(file: str) -> str:
    try:
        return file.removeprefix(os.getcwd() + os.sep)
    except OSError:  # the step has removed the folder that it went to
        return file
