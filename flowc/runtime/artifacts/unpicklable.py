"""A value that cannot be pickled: which part of it, who assigned it, and what to do instead."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

DEEPEST = 20  # levels that are searched for the part at fault


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
    path, part = _culprit(value)
    inside = f"whose {path}, a `{_kind(part)}`," if path else "which"
    return f"{inside} cannot be pickled ({cause}).\n       {_remedy(part, cause)}"


def _remedy(part: Any, cause: BaseException) -> str:
    name = getattr(part, "__qualname__", "") if callable(part) else type(part).__qualname__
    if hasattr(part, "__next__") and not hasattr(part, "read"):
        return "Assign a list of its items instead: `list(…)`."
    if "<lambda>" in name or "<locals>" in name or "<locals>" in str(cause):
        return (
            "Define the function or class at the top level of its module, where it has a name to be found by."
        )
    return "Keep it in a local variable, and assign what it was made from or what it gave."


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
    except Exception:
        return False
    return True


def _forget(_buffer: object) -> None:
    """Forget it."""


def _kind(value: Any) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _shown(file: str) -> str:
    here = os.getcwd() + os.sep
    return file.removeprefix(here)
