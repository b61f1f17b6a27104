"""The attributes of `@kubernetes` and `@batch` that are no resources, read by name and type.

The front end has checked each of them: a value of another type, and every attribute of a decorator
that the step lacks, is taken for absent here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowc.ir.spec import Platform
    from flowc.source import Span

DEFAULT_TMPFS_PATH = "/metaflow_temp"


def value(platform: Platform | None, name: str) -> object:
    """An attribute as written; None where it is absent."""
    located = platform.attributes.get(name) if platform is not None else None
    return None if located is None else located.value


def span(platform: Platform, name: str) -> Span:
    """Where an attribute is written; the decorator where it is absent."""
    located = platform.attributes.get(name)
    return platform.span if located is None else located.span


def is_set(platform: Platform | None, name: str) -> bool:
    """Whether the attribute says anything: None, False, 0 and the empty text say nothing."""
    return bool(value(platform, name))


def text(platform: Platform | None, name: str) -> str | None:
    """A text that is not empty."""
    found = value(platform, name)
    return found if isinstance(found, str) and found else None


def number(platform: Platform | None, name: str) -> int | None:
    """A whole number, also written as text."""
    found = value(platform, name)
    if isinstance(found, bool):
        return None
    if isinstance(found, int | float):
        return int(found)
    return int(found) if isinstance(found, str) and found.isdecimal() else None


def flag(platform: Platform | None, name: str, *, default: bool) -> bool:
    """A truth value."""
    found = value(platform, name)
    return found if isinstance(found, bool) else default


def texts(platform: Platform | None, name: str) -> list[str]:
    """A list of texts; a single text is a list of one."""
    found = value(platform, name)
    if isinstance(found, str):
        return [found]
    return [item for item in found if isinstance(item, str)] if isinstance(found, list | tuple) else []


def pairs(platform: Platform | None, name: str) -> dict[str, str]:
    """A mapping of texts to texts; also written as `key=value,key=value`."""
    found = value(platform, name)
    if isinstance(found, str):
        parts = (part.partition("=") for part in found.split(",") if part)
        return {key.strip(): item.strip() for key, _, item in parts}
    return {str(key): str(item) for key, item in found.items()} if isinstance(found, dict) else {}


def mappings(platform: Platform | None, name: str) -> list[dict[str, object]]:
    """A list of mappings, as written."""
    found = value(platform, name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list | tuple) else []
