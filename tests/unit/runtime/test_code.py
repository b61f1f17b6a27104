"""The flow's files out of the archive that holds the shim too."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from flowc import contract
from flowc.manifest.archive import stored_zip
from flowc.runtime import code
from flowc.runtime.load import FlowNotFound

if TYPE_CHECKING:
    from pathlib import Path

MEMBERS = {"code/flows/a.py": b"class A: ...\n", "code/table.csv": b"1,2\n", "flowc/contract.py": b""}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the archive is unpacked to."""
    (tmp_path / "shim.pyz").write_bytes(stored_zip(MEMBERS))
    monkeypatch.setattr(code, "_archive", lambda: str(tmp_path / "shim.pyz"))
    monkeypatch.setattr(contract, "CONTROL_FOLDER", str(tmp_path / "flowc"))
    return tmp_path / "flowc"


def test_the_flows_files_alone_are_unpacked(folder: Path) -> None:
    root = code.code_root()
    assert root == f"{folder}/unpacked-{os.getpid()}/code"
    found = {
        os.path.join(at, name).removeprefix(f"{root}/") for at, _, names in os.walk(folder) for name in names
    }
    assert found == {"flows/a.py", "table.csv"}


def test_a_container_without_room_for_them_is_told(folder: Path) -> None:
    folder.write_text("a file in the way")
    with pytest.raises(
        FlowNotFound, match=r"the flow's files cannot be unpacked to .*/flowc/unpacked-\d+: Not a dir"
    ):
        code.code_root()
