"""What an engine refused or lacks, and the suggestion that goes with a name nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics.suggest import nearest

if TYPE_CHECKING:
    from collections.abc import Collection

_LISTED = 6  # names that a message repeats


class DeployFault(Exception):  # noqa: N818 - a fault of the world around flowc, told to the user as it is
    """One message that stands alone: what failed, where, why, and what to do next."""


class Forbidden(DeployFault):
    """The engine does not let this user do it."""


class Unserved(DeployFault):
    """The engine lacks what the kind of object belongs to."""


class Unreachable(DeployFault):
    """The engine does not answer now: waiting may help."""


def known_names(wanted: str, known: Collection[str], nothing: str) -> str:
    """The end of a message about an unknown name: the nearest one, else those there are, else `nothing`."""
    near = nearest(wanted, known)
    if near:
        return f"did you mean `{near}`?"
    if not known:
        return nothing
    listed = sorted(known)[:_LISTED]
    more = f" and {len(known) - _LISTED} more" if len(known) > _LISTED else ""
    return f"there {'is' if len(known) == 1 else 'are'} {', '.join(f'`{name}`' for name in listed)}{more}"
