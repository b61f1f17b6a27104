"""The log of an attempt while its datastore is away."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flowc.runtime.log import Log
from flowc.runtime.store import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from flowc.runtime.store import Store


class Flaky:
    """Fails as often as it is told to, and then keeps what it gets."""

    def __init__(self) -> None:
        self.kept = b""
        self.fails = 0

    def put(self, _key: str, pieces: Sequence[bytes]) -> None:
        if self.fails:
            self.fails -= 1
            raise StoreError("it is away")
        self.kept = b"".join(pieces)


def test_an_outage_is_told_once_and_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    store = Flaky()
    log = Log(cast("Store", store), "log")
    log.write(b"one\n")
    for fails in (2, 1):
        store.fails = fails
        while store.fails:
            log.store()
        log.store()
        log.write(b"more\n")
    assert store.kept == b"one\nmore\n"
    assert capsys.readouterr().err == 2 * "flowc: the log is not stored: it is away\n"
