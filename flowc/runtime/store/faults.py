"""Bad luck on purpose: a store that fails at its N-th operation, for tests of what is left then.

FLOWC_FAULT is `ROLE:kill:WHEN:N` or `ROLE:error:WHEN:N`: in a process of that role (`task`,
`scheduler` or `any`) the N-th operation, from 1, ends the process by SIGKILL or raises StoreError,
`before` it is carried out or `after`. `kill+PID` ends that process too, at the same moment.

Each process counts its own operations. With `:FILE` at the end all processes of the role count
together, by the length of that file, so that one of them alone fails.
"""

from __future__ import annotations

import os
import signal

from flowc.runtime.store import StoreError

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from typing import Any

    from flowc.runtime.store import Store

OPERATIONS = ("claim", "put", "put_blob", "create", "link", "get", "get_range", "load", "names")


def with_faults(store: Store, role: str, fault: str) -> Store:
    """The store, failing as `fault` says if it is meant for this role. Raises StoreError for other text."""
    try:
        meant_for, what, when, number, *counter = fault.split(":", 4)
        kind, *others = what.split("+")
        at, pids = int(number), [int(pid) for pid in others]
    except ValueError:
        raise StoreError(f"FLOWC_FAULT is `ROLE:kill|error:before|after:N`, not `{fault}`") from None
    if meant_for not in (role, "any"):
        return store
    if kind == "kill":
        pids.append(0)
    failing: Any = _Failing(store, at, pids, counter[0] if counter else "", after=when == "after")
    return failing  # type: ignore[no-any-return]  # it has a store's operations, by name


class _Failing:
    """Kills `pids`, 0 being its own process; without any it raises."""

    def __init__(self, store: Store, at: int, pids: list[int], counter: str, *, after: bool) -> None:
        self._store = store
        self._at = at
        self._pids = pids
        self._counter = counter
        self._after = after
        self._count = 0

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name not in OPERATIONS:
            return found

        def operation(*arguments: Any) -> Any:
            due = self._next() == self._at
            if due and not self._after:
                self._fail(name, arguments)
            result = found(*arguments)
            if due:
                self._fail(name, arguments)
            return result

        return operation

    def _next(self) -> int:
        """The number of this operation."""
        if not self._counter:
            self._count += 1
            return self._count
        counter = os.open(self._counter, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(counter, b".")
            return os.lseek(counter, 0, os.SEEK_CUR)
        finally:
            os.close(counter)

    def _fail(self, name: str, arguments: tuple[Any, ...]) -> None:
        for pid in self._pids:
            os.kill(pid or os.getpid(), signal.SIGKILL)
        raise StoreError(f"cannot {name} {arguments[0]}: input/output error (FLOWC_FAULT)")
