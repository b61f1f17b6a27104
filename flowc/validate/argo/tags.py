"""The `{{…}}` of a text: what Argo Workflows replaces, and where each stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPEN, _CLOSE = "{{", "}}"
# What begins so is the engine's own; everything else in braces belongs to somebody else's templates.
ROOTS = ("item.", "steps.", "inputs.", "outputs.", "pod.", "workflow.", "tasks.", "retries", "lastRetry.")
_UNCLOSED = re.compile(r"\{\{\s*(?:item|(?:steps|inputs|outputs|pod|workflow|tasks)\.[\w.-]+)\s*\}?(?!\})")


class Tag(NamedTuple):
    """What stands between the braces, without blanks around it, and its place in the text."""

    inner: str
    start: int
    end: int

    @property
    def is_expression(self) -> bool:
        """Whether it is computed (`{{=…}}`), not only looked up."""
        return self.inner.startswith("=")


def tags(text: str) -> Iterator[Tag]:
    """The tags of a text, in order; an opening without an end is none."""
    at = text.find(_OPEN)
    while at >= 0:
        end = text.find(_CLOSE, at + 2)
        if end < 0:
            return
        # In `{{{{=a}}` only the last opening counts.
        start = text.rfind(_OPEN, at, end)
        inner = text[start + 2 : end]
        if inner.lstrip().startswith("=") and text.startswith("}", end + 2):
            end += len(text[end + 2 :]) - len(text[end + 2 :].lstrip("}"))  # `{{={"a": {}}}}`: its own braces
            inner = text[start + 2 : end]
        yield Tag(inner.strip(), start, end + 2)
        at = text.find(_OPEN, end + 2)


def unclosed(text: str) -> tuple[int, int] | None:
    """The place of a tag of the engine that is never closed; None where there is none."""
    for match in _UNCLOSED.finditer(text):
        rest = text[match.start() + 2 :].partition(_OPEN)[0]
        if _CLOSE not in rest:
            return match.start(), match.end()
    return None


def without_tags(text: str) -> str:
    """The text with a number of the same length for each tag: something an expression can have there."""
    for tag in tags(text):
        text = text[: tag.start] + "1" * (tag.end - tag.start) + text[tag.end :]
    return text


def is_dynamic(text: str) -> bool:
    """Whether the engine replaces a part of the text, so that it cannot be judged as it stands."""
    return _OPEN in text
