"""The archive of embedded code: deterministic, and a program that Python runs."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from flowc.manifest.archive import embedded_code, shim_files, stored_zip
from flowc.runtime.code import stored_members

if TYPE_CHECKING:
    from pathlib import Path

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0\\/"), min_size=1, max_size=20)


@given(members=st.dictionaries(NAMES, st.binary(max_size=200), max_size=8))
def test_a_zip_reads_back_sorted_and_dated(members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(stored_zip(members))) as opened:
        assert opened.testzip() is None
        assert dict(stored_members(stored_zip(members))) == members
        assert {name: opened.read(name) for name in opened.namelist()} == members
        assert opened.namelist() == sorted(members)
        assert {info.date_time for info in opened.infolist()} <= {(1980, 1, 1, 0, 0, 0)}
        assert {info.external_attr >> 16 for info in opened.infolist()} <= {0o100644}


def test_order_and_place_do_not_matter() -> None:
    one = embedded_code({"flow.py": b"1", "lib/a.py": b"2"})
    assert one == embedded_code({"lib/a.py": b"2", "flow.py": b"1"})
    assert one.names == ("flow.py", "lib/a.py")
    assert one.sha256 != embedded_code({"flow.py": b"1"}).sha256


def test_the_shim_is_the_runtime_alone() -> None:
    names = set(shim_files())
    assert {"flowc/__init__.py", "flowc/contract.py", "flowc/dsl.py", "flowc/runtime/main.py"} <= names
    assert all(name.startswith("flowc/runtime/") or name.count("/") == 1 for name in names)


def test_python_runs_the_archive(tmp_path: Path) -> None:
    archive = tmp_path / "shim.pyz"
    archive.write_bytes(embedded_code({"flow.py": b""}).archive)
    ended = subprocess.run([sys.executable, "-I", str(archive)], capture_output=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert b"Traceback" not in ended.stderr
