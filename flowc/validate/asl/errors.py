"""`Retry` and `Catch`: which errors they name, and whether each can ever be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.diagnostics.suggest import did_you_mean
from flowc.validate.parts import Mapping, items, mappings, number

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.asl.states import State

_ALL = "States.ALL"
_KNOWN = frozenset(
    f"States.{name}"
    for name in (
        "ALL BranchFailed DataLimitExceeded ExceedToleratedFailureThreshold HeartbeatTimeout Http.Socket Http.StatusCode "
        "IntrinsicFailure ItemReaderFailed NoChoiceMatched ParameterPathFailure Permissions QueryEvaluationError "
        "ResultPathMatchFailure ResultWriterFailed Runtime TaskFailed Timeout"
    ).split()
)
_WITH_ERRORS = ("Task", "Parallel", "Map")


def check_errors(state: State) -> None:
    """Report FC749 for retriers and catchers of a state."""
    for part in ("Retry", "Catch"):
        if part in state.value and state.type not in _WITH_ERRORS:
            continue  # its shape has no such field
        entries = list(mappings(state.value.get(part)))
        handled: set[str] = set()
        for index, entry in entries:
            _check_names(state, (part, index), entry, is_last=index == entries[-1][0])
            _check_repeated(state, (part, index), entry, handled)
            if part == "Retry":
                _check_waits(state, (part, index), entry)


def _check_names(state: State, path: Path, entry: Mapping, *, is_last: bool) -> None:
    names = [name for name in items(entry.get("ErrorEquals")) if isinstance(name, str)]
    if _ALL in names:
        if len(names) > 1:
            message = f"`{_ALL}` of `{state.name}` stands beside other errors"
            state.findings.report(
                catalog.RETRIER,
                (*path, "ErrorEquals"),
                message,
                "let it stand alone: it covers them",
                at_key=True,
            )
        if not is_last:
            message = f"`{_ALL}` of `{state.name}` is not the last of `{path[0]}`; what follows is never used"
            state.findings.report(
                catalog.RETRIER, (*path, "ErrorEquals"), message, "move it to the end", at_key=True
            )
    for index, name in enumerate(items(entry.get("ErrorEquals"))):
        if isinstance(name, str) and name.startswith("States.") and name not in _KNOWN:
            helps = did_you_mean(name, _KNOWN) or ("names that begin with `States.` are Step Functions' own",)
            state.findings.report(
                catalog.RETRIER, (*path, "ErrorEquals", index), f"there is no error `{name}`", *helps
            )


def _check_repeated(state: State, path: Path, entry: Mapping, handled: set[str]) -> None:
    names = {name for name in items(entry.get("ErrorEquals")) if isinstance(name, str)}
    if names and names <= handled:
        message = f"an earlier entry of `{path[0]}` of `{state.name}` handles {', '.join(f'`{n}`' for n in sorted(names))}; this one is never used"
        state.findings.report(
            catalog.RETRIER, path, message, "remove it, or merge the two", severity=Severity.WARNING
        )
    handled |= names


def _check_waits(state: State, path: Path, entry: Mapping) -> None:
    first, longest = number(entry.get("IntervalSeconds")), number(entry.get("MaxDelaySeconds"))
    if longest is not None and longest <= (first if first is not None else 1):
        message = f"`MaxDelaySeconds` of `{state.name}` ({longest}) is not longer than `IntervalSeconds` ({first or 1})"
        state.findings.report(
            catalog.RETRIER, (*path, "MaxDelaySeconds"), message, "raise it, or leave it out"
        )
