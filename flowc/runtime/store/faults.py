"""Bad luck on purpose: a store that fails at its N-th operation, for tests of what is left then.

FLOWC_FAULT is `ROLE:kill:WHEN:N` or `ROLE:error:WHEN:N`: in a process of that role (`task` or
`scheduler`) the N-th operation, from 1, ends the process by SIGKILL or raises StoreError,
`before` it is carried out or `after`. Each process counts its own operations.
"""

from __future__ import annotations

import os
import signal

from flowc.runtime.store import StoreError

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from typing import Any

    from flowc.runtime.store import Store

OPERATIONS = ("put", "put_blob", "create", "link", "get", "get_range", "load", "names")


def with_faults(store: Store, role: str, fault: str) -> Store:
    """The store, failing as `fault` says if it is meant for this role. Raises StoreError for other text."""
    try:
        meant_for, what, when, number = fault.split(":")
        at = int(number)
    except ValueError:
        raise StoreError(f"FLOWC_FAULT is `ROLE:kill|error:before|after:N`, not `{fault}`") from None
    if meant_for != role:
        return store
    failing: Any = _Failing(store, at, kill=what == "kill", after=when == "after")
    return failing  # type: ignore[no-any-return]  # it has a store's operations, by name


class _Failing:
    def __init__(self, store: Store, at: int, *, kill: bool, after: bool) -> None:
        self._store = store
        self._left = at
        self._kill = kill
        self._after = after

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if name not in OPERATIONS:
            return found

        def operation(*arguments: Any) -> Any:
            self._left -= 1
            due = self._left == 0
            if due and not self._after:
                self._fail(name, arguments)
            result = found(*arguments)
            if due:
                self._fail(name, arguments)
            return result

        return operation

    def _fail(self, name: str, arguments: tuple[Any, ...]) -> None:
        if self._kill:
            os.kill(os.getpid(), signal.SIGKILL)
        raise StoreError(f"cannot {name} {arguments[0]}: input/output error (FLOWC_FAULT)")
