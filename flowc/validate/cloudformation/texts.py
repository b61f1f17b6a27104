"""The text of a definition that a template writes by functions, as far as it can be known.

`Fn::Sub` and `Fn::Join` leave a `${…}` for what a stack fills in, `Fn::If` gives one text for each of
its cases. What a stack reads from elsewhere (`Fn::Transform`, `{{resolve:…}}`) has no text here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from flowc.validate.parts import items, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.manifest.placed.document import Path

_BARE = re.compile(r"(?<=[:\[,])(\s*)\$\{[^}]*\}(?=\s*[,}\]])")


class Written(NamedTuple):
    """A text, the path of the value it stands in, and how it came about.

    `is_exact`: its offsets are those of the value; `is_filled`: a function fills its `${…}`.
    """

    text: str
    path: Path
    is_exact: bool
    is_filled: bool


def written_texts(value: object, path: Path) -> Iterator[Written]:
    """Every text that a value may become."""
    match value:
        case str() if "{{resolve:" not in value:
            yield Written(value, path, is_exact=True, is_filled=False)
        case {"Fn::Sub": str(written)}:
            yield Written(written, (*path, "Fn::Sub"), is_exact=True, is_filled=True)
        case {"Fn::Sub": [str(written), *_]}:
            yield Written(written, (*path, "Fn::Sub", 0), is_exact=True, is_filled=True)
        case {"Fn::Join": [str(between), list(parts)]}:
            joined = between.join(_part(part) for part in parts)
            yield Written(joined, (*path, "Fn::Join"), is_exact=False, is_filled=True)
        case {"Fn::If": [_, first, second]}:
            for index, case in enumerate((first, second), 1):
                yield from written_texts(case, (*path, "Fn::If", index))


def _part(part: object) -> str:
    """A part of a joined text; what is not written there is a placeholder."""
    match part:
        case str():
            return part
        case {"Fn::Sub": str(written)} | {"Fn::Sub": [str(written), *_]}:
            return written
        case {"Fn::Join": [str(between), list(parts)]}:
            return between.join(_part(each) for each in parts)
        case {"Ref": str(name)}:
            return f"${{{name}}}"
        case {"Fn::GetAtt": names}:
            return f"${{{'.'.join(text(name) for name in items(names)) or names}}}"
    return "${filled}"


def with_numbers(written: str) -> str:
    """The text with a number of the same length for each `${…}` that stands where JSON wants a value."""
    return _BARE.sub(lambda match: match[1] + "1" * (len(match[0]) - len(match[1])), written)
