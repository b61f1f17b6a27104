"""The tasks of a gang: they know each other's number and where the first one is.

Rank 0 publishes its address beside the task that split; the others wait for it. When one fails
it leaves a note there, and the others stop instead of waiting for it for ever.
"""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, NamedTuple

from flowc import contract
from flowc.runtime.records import MissingInput, read_json, to_json

if TYPE_CHECKING:
    from flowc.runtime.records import Run
    from flowc.runtime.settings import TaskSettings

WAIT_SECONDS = 600.0
POLL_SECONDS = 0.5


class Parallel(NamedTuple):
    """`current.parallel`: the main task's address, the gang's size, this task's rank."""

    main_ip: str
    num_nodes: int
    node_index: int
    control_task_id: str


class Gang:
    """One task's place in its gang."""

    def __init__(self, settings: TaskSettings, run: Run) -> None:
        outer, _, self.rank = contract.last_level(settings.path)
        self._store = run.store
        self._step = settings.step
        self._first = contract.item_path(outer, 0)
        self._folder = f"{run.task_prefix(settings.step, self._first)}/gang"

    def meet(self, size: int) -> Parallel:
        """Publish or await the address of rank 0. Raises MissingInput when it does not come."""
        if self.rank == 0:
            self._store.put(f"{self._folder}/main.json", [to_json({"address": _own_address()})])
        return Parallel(self._address(), size, self.rank, self._first)

    def fail(self) -> None:
        """Tell the others that this task will not be there."""
        self._store.put(f"{self._folder}/failed.json", [to_json({"rank": self.rank})])

    def failed(self) -> int | None:
        """The rank of a task that failed, or None."""
        note = read_json(self._store, f"{self._folder}/failed.json")
        return None if note is None else int(note["rank"])

    def _address(self) -> str:
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            found = read_json(self._store, f"{self._folder}/main.json")
            if found is not None:
                return str(found["address"])
            if time.monotonic() > deadline:
                raise MissingInput(
                    f"rank 0 of the gang of `{self._step}` did not publish its address "
                    f"within {WAIT_SECONDS:.0f} s"
                )
            time.sleep(POLL_SECONDS)


def _own_address() -> str:
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:
        return "127.0.0.1"
