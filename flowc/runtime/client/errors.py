"""What reading a run can meet: names that are not there, paths that are none, values that do not load."""

from __future__ import annotations

from flowc.dsl import MetaflowException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


class NoDatastore(MetaflowException):
    """Nothing says where the runs are."""

    headline = "No datastore"


class ArtifactUnreadable(MetaflowException):
    """An artifact's value cannot be made from its bytes: a module is missing, or the bytes are broken."""

    headline = "Artifact cannot be loaded"


class SeveralTasks(MetaflowException):
    """`step.data` of a step that has not exactly one task."""

    headline = "Several tasks"


class NoChild(KeyError):
    """What `run["name"]` raises: a KeyError, as of any mapping, whose text is a message."""

    def __str__(self) -> str:
        return str(self.args[0])


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean …?` with the nearest known name, else what there is, else nothing."""
    import difflib

    names = list(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    if near:
        return f"; did you mean `{near[0]}`?"
    shown = ", ".join(f"`{each}`" for each in names[:8])
    more = f" and {len(names) - 8:,} more" if len(names) > 8 else ""
    return f"; there is {shown}{more}" if shown else ""
