"""The attributes of `@batch` that are no resources, read by name and type.

The front end has checked each of them; a value of another type is taken for absent here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowc.ir.spec import StepSpec

# What only one of the two platforms has.
EC2_ONLY = (
    "max_swap", "swappiness", "use_tmpfs", "tmpfs_size", "inferentia", "trainium", "efa", "host_volumes", "privileged",
)  # fmt: skip
FARGATE_ONLY = ("ephemeral_storage",)

DEFAULT_TMPFS_PATH = "/metaflow_temp"


def text(spec: StepSpec, name: str) -> str | None:
    """A text that is not empty."""
    value = _value(spec, name)
    return value if isinstance(value, str) and value else None


def number(spec: StepSpec, name: str) -> int | None:
    """A whole number, also written as text."""
    value = _value(spec, name)
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return int(value)
    return int(value) if isinstance(value, str) and value.isdecimal() else None


def flag(spec: StepSpec, name: str, *, default: bool) -> bool:
    """A truth value."""
    value = _value(spec, name)
    return value if isinstance(value, bool) else default


def texts(spec: StepSpec, name: str) -> list[str]:
    """A list of texts; a single text is a list of one."""
    value = _value(spec, name)
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []


def pairs(spec: StepSpec, name: str) -> dict[str, str]:
    """A mapping of texts to texts."""
    value = _value(spec, name)
    return {str(key): str(item) for key, item in value.items()} if isinstance(value, dict) else {}


def is_set(spec: StepSpec, name: str) -> bool:
    """Whether the attribute says anything: None, False, 0 and the empty text say nothing."""
    return bool(_value(spec, name))


def _value(spec: StepSpec, name: str) -> object:
    located = spec.batch.attributes.get(name) if spec.batch is not None else None
    return None if located is None else located.value
