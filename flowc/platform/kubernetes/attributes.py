"""The attributes of `@kubernetes` that are no resources, read by name and type.

The front end has checked each of them; a value of another type is taken for absent here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowc.ir.spec import StepSpec
    from flowc.source import Span

DEFAULT_TMPFS_PATH = "/metaflow_temp"
COMPUTE_POOL_LABEL = "outerbounds.co/compute-pool"


def value(spec: StepSpec, name: str) -> object:
    """An attribute as written; None where it is absent."""
    located = spec.kubernetes.attributes.get(name) if spec.kubernetes is not None else None
    return None if located is None else located.value


def span(spec: StepSpec, name: str) -> Span | None:
    """Where an attribute is written."""
    located = spec.kubernetes.attributes.get(name) if spec.kubernetes is not None else None
    return None if located is None else located.span


def text(spec: StepSpec, name: str) -> str | None:
    """A text that is not empty."""
    found = value(spec, name)
    return found if isinstance(found, str) and found else None


def number(spec: StepSpec, name: str) -> int | None:
    """A whole number above 0, also written as text."""
    found = value(spec, name)
    if isinstance(found, str) and found.isdecimal():
        found = int(found)
    return (
        int(found) if isinstance(found, int | float) and not isinstance(found, bool) and found > 0 else None
    )


def flag(spec: StepSpec, name: str, *, default: bool) -> bool:
    """A truth value."""
    found = value(spec, name)
    return found if isinstance(found, bool) else default


def texts(spec: StepSpec, name: str) -> list[str]:
    """A list of texts; a single text is a list of one."""
    found = value(spec, name)
    if isinstance(found, str):
        return [found]
    return [item for item in found if isinstance(item, str)] if isinstance(found, list | tuple) else []


def pairs(spec: StepSpec, name: str) -> dict[str, str]:
    """A mapping of texts to texts; also written as `key=value,key=value`."""
    found = value(spec, name)
    if isinstance(found, str):
        parts = (part.partition("=") for part in found.split(",") if part)
        return {key.strip(): item.strip() for key, _, item in parts}
    return {str(key): str(item) for key, item in found.items()} if isinstance(found, dict) else {}


def node_selector(spec: StepSpec) -> dict[str, str]:
    """The labels of the nodes that the step may run on; a compute pool is one of them."""
    pool = text(spec, "compute_pool")
    return pairs(spec, "node_selector") | ({COMPUTE_POOL_LABEL: pool} if pool else {})


def tolerations(spec: StepSpec) -> list[dict[str, object]]:
    """The taints that the step tolerates, as written."""
    found = value(spec, "tolerations")
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list | tuple) else []


def secret_names(spec: StepSpec) -> list[str]:
    """Kubernetes Secrets whose keys become variables: plain names of `@secrets`, and the attribute's."""
    named = [secret.name for secret in spec.secrets if secret.type is None]
    return list(dict.fromkeys([*named, *texts(spec, "secrets")]))
