"""Names of objects in a target, made of names in the flow: legal, unique and stable.

A name depends on the flow's name alone, never on its neighbours, so that adding a step renames no
other: `fold_join` is `fold-join`. What such a spelling would lose (capitals, letters outside
ASCII, a leading underscore) is kept apart by six digits of a digest of the whole name.

Invariant: two different Python identifiers get the same label only by a clash of digests, which
`Names` settles inside one object.
"""

from __future__ import annotations

import re

from flowc.manifest.digest import sha256_hex

MAX_LABEL = 63  # RFC 1123
MAX_CRON_NAME = 52  # a scheduled run appends a dash and ten digits
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_NOT_LABEL = r"[^a-z0-9]+"
_HUMP = r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"


def is_label(text: str, longest: int = MAX_LABEL) -> bool:
    """Whether `text` is a DNS label: lower-case letters, digits and inner dashes."""
    return len(text) <= longest and re.fullmatch(_LABEL, text) is not None


def is_subdomain(text: str) -> bool:
    """Whether `text` is a DNS name: labels joined by dots, 253 characters at most."""
    return len(text) <= 253 and re.fullmatch(_SUBDOMAIN, text) is not None


def step_label(name: str, longest: int = MAX_LABEL) -> str:
    """The label of a step: `fold_join` is `fold-join`, `Fit` is `fit-` and six digits."""
    label = re.sub(_NOT_LABEL, "-", name.lower()).strip("-")
    if label.replace("-", "_") == name and len(label) <= longest:
        return label
    return _with_digest(label, name, longest)


def flow_label(name: str, longest: int = MAX_CRON_NAME) -> str:
    """The label of a flow or project: `TrainFlow` is `train-flow`, `HelloAWS` is `hello-aws`.

    Unlike steps, flows that differ in capitals alone share a label: they seldom share a cluster,
    and a setting renames one of them.
    """
    spelled = re.sub(_NOT_LABEL, "-", re.sub(_HUMP, "-", name).lower()).strip("-")
    if name.isascii() and 0 < len(spelled) <= longest:
        return spelled
    return _with_digest(spelled, name, longest)


def object_name(
    flow: str, project: str | None = None, branch: str | None = None, *, production: bool = False
) -> str:
    """The base of all of a flow's objects, as `@project` and the branch shape it.

    `prod` stands for production, `test` for another branch: `shop-test-new-ui-train-flow`.
    """
    if project is None:
        return flow_label(flow)
    stage = ["prod"] if production else ["test"] if branch else []
    parts = [project, *stage, *([branch] if branch else []), flow]
    spelled = "-".join(flow_label(part) for part in parts)
    return (
        spelled if len(spelled) <= MAX_CRON_NAME else _with_digest(spelled, "\0".join(parts), MAX_CRON_NAME)
    )


class Names:
    """The names of one kind in one object: a name asked for twice is numbered from 2."""

    def __init__(self, longest: int = MAX_LABEL) -> None:
        self._longest = longest
        self._taken: set[str] = set()

    def claim(self, wanted: str) -> str:
        """`wanted`, or the first free one of `wanted-2`, `wanted-3`, …, shortened where it is too long."""
        name = wanted if len(wanted) <= self._longest else _with_digest(wanted, wanted, self._longest)
        number = 1
        while name in self._taken:
            number += 1
            tail = f"-{number}"
            name = wanted[: self._longest - len(tail)].rstrip("-") + tail
        self._taken.add(name)
        return name


def _with_digest(label: str, name: str, longest: int) -> str:
    digest = sha256_hex(name.encode("utf-8", "surrogatepass"))[:6]
    kept = label[: longest - 7].strip("-")
    return f"{kept}-{digest}" if kept else f"x-{digest}"
