"""A large numpy array as an artifact: seconds against a raw write and read of the same bytes, and memory.

Saved and raw take turns, each into a new file of one file system, whose removal is not timed, and the
medians are compared. The array is as large as most of what is ever stored at once (1 GiB; `--short` 256 MiB);
loaded is what a step does that adds it up once. Memory is a process's peak, less what it had before the array.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Row, print_table, python, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowc.runtime.store.files import FileStore


def main(*, short: bool) -> bool:
    """Print the table; whether every claim holds."""
    size = 256 << 20 if short else 1 << 30
    with tempfile.TemporaryDirectory() as folder:
        title = f"An array of {size >> 20:,} MiB (× a raw write or read of the same bytes; × its size)"
        return print_table(title, _rows(folder, size, 3 if short else 5), short=short)


def _rows(folder: str, size: int, repeat: int) -> Iterator[Row]:
    saved = _in_child("save", folder, size, repeat)
    yield Row("saved, its digest included", saved["ratio"], "×", 2.0)
    yield Row("peak of memory while it is saved", saved["memory"], "×", 1.1)
    loaded = _in_child("load", folder, size, repeat)
    yield Row("loaded and added up", loaded["ratio"], "×", 1.3)
    yield Row("peak of memory while it is loaded and added up", loaded["memory"], "×", 1.1)
    yield Row("stored again, unchanged", loaded["again"], "×")


def _in_child(what: str, folder: str, size: int, repeat: int) -> dict[str, float]:
    found: dict[str, float] = json.loads(
        run(python("-m", "benchmarks.artifacts", what, folder, str(size), str(repeat))).output
    )
    return found


# --------------------------------------------------------------------------- in a process of its own
def save(folder: str, size: int, repeat: int) -> dict[str, float]:
    """The array saved, against its bytes written; its memory while it is saved."""
    import numpy as np

    store, raw = _places(folder)
    before = _peak()
    array: Any = np.random.default_rng(1).random(size // 8)
    _writer(store).save("array", array)
    memory = (_peak() - before) / size
    spent: dict[str, list[float]] = {"raw": [], "saved": []}
    for _ in range(repeat):
        shutil.rmtree(f"{folder}/F")
        spent["saved"].append(_seconds(lambda: _writer(store).save("array", array)))
        spent["raw"].append(_seconds(lambda: _write(raw, memoryview(array).cast("B"))))
        os.unlink(raw)
    _write(raw, memoryview(array).cast("B"))
    with open(f"{folder}/entry.json", "w", encoding="ascii") as stream:
        json.dump(_writer(store).save("array", array), stream)
    return {"ratio": median(spent["saved"]) / median(spent["raw"]), "memory": memory}


def load(folder: str, size: int, repeat: int) -> dict[str, float]:
    """The saved array loaded and added up, against its bytes read; saved again as it is."""
    import numpy as np

    from flowc.runtime.artifacts import load_artifact

    np.zeros(10).sum()  # loads what numpy loads late
    store, raw = _places(folder)
    with open(f"{folder}/entry.json", encoding="ascii") as stream:
        entry = json.load(stream)
    before = _peak()
    array = load_artifact(store, entry)
    array.sum()
    memory = (_peak() - before) / size
    again = _seconds(partial(_writer(store).save, "array", array, entry))
    reads, loads = [], []
    for _ in range(repeat):
        reads.append(_seconds(lambda: _read(raw, size)))
        loads.append(_seconds(lambda: load_artifact(store, entry).sum()))
    return {"ratio": median(loads) / median(reads), "memory": memory, "again": again / median(reads)}


def _places(folder: str) -> tuple[FileStore, str]:
    from flowc.runtime.store.files import FileStore

    return FileStore(folder), f"{folder}/raw"


def _writer(store: FileStore) -> Any:  # noqa: ANN401 - imported here alone
    from flowc.runtime.artifacts import ArtifactWriter

    return ArtifactWriter(store, "F", "F/run/step/r/attempts/a")


def _write(path: str, content: memoryview) -> None:
    with open(path, "wb", buffering=0) as stream:
        while content:
            content = content[stream.write(content) :]


def _read(path: str, size: int) -> None:
    with open(path, "rb", buffering=0) as stream:
        while size > 0:
            size -= len(stream.read(size))


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _peak() -> int:
    """Bytes of memory at this process's peak; not `ru_maxrss`, which a child inherits."""
    with open("/proc/self/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    part = {"save": save, "load": load}[sys.argv[1]]
    print(json.dumps(part(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))
