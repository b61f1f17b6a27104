"""Every example's manifests, for both targets, as committed files.

`--bless` writes them anew. The code archive is stubbed, so that a manifest changes only when the
compiler's or the example's meaning does.
"""

from __future__ import annotations

import os
import shutil

import pytest

from tests.compiling import TARGETS, compile_example, example_paths, shown

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "manifests")
_CASES = [(path, target) for path in example_paths() for target in TARGETS]


@pytest.mark.parametrize(("path", "target"), _CASES, ids=[f"{p.removesuffix('.py')}-{t}" for p, t in _CASES])
def test_example(path: str, target: str, *, bless: bool) -> None:
    compiled = compile_example(path, target)
    assert compiled.errors == []
    assert compiled.bundle is not None
    got = {file.path: file.content for file in compiled.bundle.files}
    got["diagnostics.txt"] = "".join(f"{shown(d)}\n" for d in compiled.found).encode()
    folder = os.path.join(FOLDER, path.removesuffix(".py").removesuffix("/flow"), target)
    if bless:
        _write(folder, got)
    assert _read(folder) == {name: content for name, content in got.items() if content}


def test_no_manifest_is_left_over() -> None:
    there = {
        (name, target) for name in os.listdir(FOLDER) for target in os.listdir(os.path.join(FOLDER, name))
    }
    expected = {(p.removesuffix(".py").removesuffix("/flow"), t) for p, t in _CASES}
    assert there == expected


def _read(folder: str) -> dict[str, bytes]:
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            with open(path, "rb") as stream:
                found[os.path.relpath(path, folder).replace(os.sep, "/")] = stream.read()
    return found


def _write(folder: str, files: dict[str, bytes]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        if content:
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as stream:
                stream.write(content)
