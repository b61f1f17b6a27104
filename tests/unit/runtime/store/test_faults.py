"""Bad luck on purpose comes when it is told to, and to whom."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from flowc.runtime.store import StoreError, open_store
from flowc.runtime.store.files import FileStore

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("task:error:before:1", ["1 failed", "2", "3"]),
        ("task:error:before:2", ["1", "2 failed", "3"]),
        ("task:error:after:2", ["1", "2 failed", "3"]),
        ("task:error:after:9", ["1", "2", "3"]),
        ("scheduler:error:before:1", ["1", "2", "3"]),
        ("task:kill:before:2", ["1", "killed"]),
        ("task:kill:after:3", ["1", "2", "killed"]),
        ("scheduler:kill:before:1", ["1", "2", "3"]),
    ],
)
def test_the_operation_that_is_told_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, expected: list[str]
) -> None:
    monkeypatch.setenv("FLOWC_FAULT", fault)
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        store = open_store(f"file://{tmp_path}")
        for name in "123":
            try:
                store.create(name, b"")
                os.write(writer, f"{name},".encode())
            except StoreError:
                os.write(writer, f"{name} failed,".encode())
        os._exit(0)
    os.close(writer)
    killed = os.waitpid(child, 0)[1] == 9
    said = os.read(reader, 1000).decode().split(",")[:-1] + ["killed"] * killed
    assert said == expected
    done = FileStore(str(tmp_path)).names("")
    after = ":after:" in fault
    failed = [name.split()[0] for name in expected if name.endswith("failed")]
    assert done == [
        n for n in "123" if n in expected or (n in failed and after) or (killed and after and n == "3")
    ]


def test_a_word_that_is_no_fault_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWC_FAULT", "often")
    with pytest.raises(StoreError, match=r"FLOWC_FAULT is `ROLE:kill\|error:before\|after:N`, not `often`"):
        open_store(f"file://{tmp_path}")


def test_without_the_word_nothing_is_wrapped(tmp_path: Path) -> None:
    assert isinstance(open_store(f"file://{tmp_path}"), FileStore)
