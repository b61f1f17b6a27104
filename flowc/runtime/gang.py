"""The tasks of a gang: they know each other's number and where the first one is.

Rank 0 publishes its address in its task's folder; the others wait for it. When one fails it leaves
a note there, and the others stop instead of waiting for it for ever. With retries the gang meets
anew: the notes of each attempt carry its number, and one that begins again without having said that
it failed, because it was killed, says so then.
"""

from __future__ import annotations

import time

from flowc import contract
from flowc.records import dataclass
from flowc.runtime.records import MissingInput, read_json, to_json
from flowc.runtime.store import StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flowc.runtime.records import Record, Run
    from flowc.runtime.settings import TaskSettings

WAIT_SECONDS = 600.0
POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Parallel:
    """`current.parallel`: the main task's address, the gang's size, this task's rank."""

    main_ip: str
    num_nodes: int
    node_index: int
    control_task_id: str


class Gang:
    """One task's place in its gang."""

    def __init__(self, settings: TaskSettings, run: Run, retry_count: int) -> None:
        outer, _, self.rank = contract.last_level(settings.path)
        self._run = run
        self._store = run.store
        self._count = retry_count
        self._step = settings.step
        self._first = contract.item_path(outer, 0)
        self._folder = f"{run.task_prefix(settings.step, self._first)}/gang"

    def meet(self, size: int) -> Parallel:
        """Publish or await the address of rank 0. Raises MissingInput when it does not come."""
        if self._count:
            self._note_failure(self._count - 1)
        if self.rank == 0:
            self._store.put(self._main(self._count), [to_json({"address": _own_address()})])
        return Parallel(self._address(), size, self.rank, self._first)

    def fail(self) -> None:
        """Tell the others that this task will not be there."""
        self._note_failure(self._count)

    def failed(self) -> int | None:
        """The rank of a task that failed, or None; who looks again later may miss it while the store is away."""
        try:
            note = read_json(self._store, self._failed(self._count))
        except StoreError:
            return None
        return None if note is None else int(note["rank"])

    def _note_failure(self, count: int) -> None:
        """The first to fail is the one to name; those that stop because of it are not."""
        self._store.create(self._failed(count), to_json({"rank": self.rank}))

    def _failed(self, count: int) -> str:
        return f"{self._folder}/failed-{count}.json"

    def _main(self, count: int) -> str:
        return f"{self._folder}/main-{count}.json"

    def _address(self) -> str:
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            found = read_json(self._store, self._main(self._count)) or self._address_of_finished()
            if found is not None:
                return str(found["address"])
            if time.monotonic() > deadline:
                raise MissingInput(
                    f"rank 0 of the gang of `{self._step}` did not publish its address "
                    f"within {WAIT_SECONDS:.0f} s"
                )
            time.sleep(POLL_SECONDS)

    def _address_of_finished(self) -> Record | None:
        """Where rank 0 last was, if it finished in an earlier attempt and will not come again."""
        if not self._count or self._run.winner(self._step, self._first) is None:
            return None
        notes = (read_json(self._store, self._main(count)) for count in reversed(range(self._count)))
        return next((note for note in notes if note is not None), None)


def _own_address() -> str:
    import socket

    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:
        return "127.0.0.1"
