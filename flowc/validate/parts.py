"""Parts of a manifest as the types they should have: what has another one counts as absent.

The shape of a manifest is judged first and its faults are reported there; later checks go on with
what is sound, so that one wrong field hides no other fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.manifest.placed.document import Path

Mapping: TypeAlias = "dict[str, object]"


def mapping(value: object) -> Mapping:
    """A mapping; {} for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """A list; [] for anything else."""
    return value if isinstance(value, list) else []


def mappings(value: object) -> Iterator[tuple[int, Mapping]]:
    """The mappings of a list with their indices."""
    return ((index, item) for index, item in enumerate(items(value)) if isinstance(item, dict))


def text(value: object) -> str:
    """A text; "" for anything else."""
    return value if isinstance(value, str) else ""


def number(value: object) -> int | None:
    """A whole number, also one written as text; None for anything else."""
    if isinstance(value, str) and value.lstrip("+-").isdecimal() and len(value) < 20:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def is_below(value: object, least: int) -> bool:
    """Whether a value is a whole number, and a smaller one than `least`."""
    found = number(value)
    return found is not None and found < least


def json_size(value: object) -> int:
    """The bytes of a value as compact JSON, as engines store it."""
    import json

    compact = json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str)
    return len(compact.encode("utf-8", "surrogatepass"))


def texts(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every text inside a value, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from texts(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from texts(part, (*path, index))
