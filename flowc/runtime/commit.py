"""How a finished attempt becomes the task's result, and what the engine and the successors are told.

Write order: the record, under the attempt's own prefix; the marker that names the attempt, of which
the first wins; then the control outputs and `from` objects, from the winner's record. A kill in
between is mended by the next attempt or by a resumed run, which write the latter again.
"""

from __future__ import annotations

import os

from flowc import contract
from flowc.runtime.edges import tell_successors
from flowc.runtime.records import to_json
from flowc.runtime.store import StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowc.runtime.records import Record, Run
    from flowc.runtime.settings import TaskSettings


def commit(settings: TaskSettings, run: Run, record: Record) -> None:
    """Make this attempt the task's winner unless there is one, and say what the winner chose."""
    run.store.put(f"{settings.attempt_prefix}/{contract.RECORD_OBJECT}", [to_json(record)])
    won = run.mark(settings.step, settings.path, settings.attempt_prefix)
    # A loser's own record counts for nothing, whatever it holds.
    write_control(settings, run, record if won else run.finished(settings.step, settings.path))


def write_control(settings: TaskSettings, run: Run, record: Record) -> None:
    """The control outputs of a finished task, where each engine reads them, and its successors told.

    A local run has no control folder: it reads the record.
    """
    if settings.tells:
        tell_successors(run, settings.step, settings.path, settings.tells, record["targets"])
    if not settings.control_folder:
        return
    control = {"next": record["next"]}
    splits = record.get("splits")
    if splits is not None:
        control["n"] = splits
        run.store.put(f"{settings.prefix}/{contract.ITEMS_OBJECT}", [to_json(list(range(splits)))])
        _write_file(settings.control_folder, contract.SPLITS_FILE, str(splits))
    run.store.put(f"{settings.prefix}/{contract.CONTROL_OBJECT}", [to_json(control)])
    if record["next"]:
        _write_file(settings.control_folder, contract.NEXT_FILE, record["next"])


def _write_file(folder: str, name: str, text: str) -> None:
    path = os.path.join(folder, name)
    try:
        os.makedirs(folder, exist_ok=True)
        with open(path, "w", encoding="ascii") as stream:
            stream.write(text)
    except OSError as error:
        raise StoreError(f"cannot write the control output {path}: {error.strerror}") from error
