"""A folder on bad days: full disks, forbidden folders, racing writers, file systems that know less."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flowc.runtime.store import MAPPED, StoreError, draft, mapping
from flowc.runtime.store.digest import blob_key
from flowc.runtime.store.files import FileStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Write = Callable[[FileStore], object]

ROOT = Path(__file__).parents[4]
WRITES: dict[str, Write] = {
    "put": lambda store: store.put("new/k", [bytes(5 << 20)]),
    "put again": lambda store: store.put("k", [bytes(5 << 20)]),
    "create": lambda store: store.create("new/k", bytes(5 << 20)),
    "blob": lambda store: store.put_blob("new/data", [bytes(5 << 20)]),
}


def everything_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture(params=["unnamed", "named"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    """Both ways to write: with files that have no name yet, and with temporary names."""
    made = FileStore(str(tmp_path / "root"))
    if request.param == "unnamed" and not made._unnamed:
        pytest.skip("this system has no O_TMPFILE")
    made._unnamed = request.param == "unnamed"
    return made


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MiB."""
    folder = tmp_path / "full"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small tmpfs needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("unnamed", [True, False])
def test_a_full_disk_leaves_nothing_half_written(full: Path, write: str, unnamed: bool) -> None:
    store = FileStore(str(full))
    store._unnamed = unnamed
    store.put("k", [b"before"])
    with pytest.raises(
        StoreError, match=rf"cannot (write|create) .*{full}.*: no space left on device; free space there"
    ):
        WRITES[write](store)
    assert (everything_below(full), store.get("k")) == (["k"], b"before")
    store.put("k", [b"after"])


@pytest.mark.parametrize("write", WRITES)
def test_a_limit_on_file_sizes_is_told(store: FileStore, write: str) -> None:
    """As a quota does, it cuts a write in its middle."""
    store.put("k", [b"before"])
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))
    try:
        with pytest.raises(StoreError, match=r"cannot (write|create) .*: file too large"):
            WRITES[write](store)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert everything_below(Path(store.root)) == ["k"]


@pytest.mark.parametrize("write", WRITES)
def test_a_file_where_a_folder_must_be(tmp_path: Path, write: str) -> None:
    (tmp_path / "file").write_text("mine")
    store = FileStore(f"{tmp_path}/file/store")
    with pytest.raises(
        StoreError, match=r"not a directory; a file stands where a folder must be: move it away"
    ):
        WRITES[write](store)
    assert (tmp_path / "file").read_text() == "mine"


REFUSED = """
import os, sys
sys.path.insert(0, sys.argv[2])
from flowc.runtime.store import StoreError
from flowc.runtime.store.files import FileStore
if sys.argv[3] == "user":
    os.setgid(65534); os.setuid(65534)
try:
    FileStore(sys.argv[1]).put("F/k", [b"x"])
except StoreError as error:
    print(error)
"""


def refused(folder: Path, who: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", REFUSED, str(folder), str(ROOT), who],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user needs root")
def test_a_folder_of_another_user_names_the_user(full: Path) -> None:
    full.chmod(0o700)
    assert refused(full, "user").endswith(
        "/F/k: permission denied; give user 65534 the right to it, or choose another datastore\n"
    )


def test_a_read_only_root_is_told(full: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(full)], check=True)
    assert refused(full, "root") == (
        f"cannot write {full}/F/k: read-only file system; choose a datastore on a file system that can be written\n"
    )


# --------------------------------------------------------------------------- file systems that know less
@pytest.mark.parametrize("code", sorted(draft.WITHOUT_UNNAMED))
def test_without_unnamed_files_temporary_names_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    real = os.open

    def no_tmpfile(path: str, flags: int, mode: int = 0o777) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(code, os.strerror(code))
        return real(path, flags, mode)

    monkeypatch.setattr(os, "open", no_tmpfile)
    store = FileStore(str(tmp_path))
    store.put("a/k", [b"1"])
    assert [store.create("a/c", b"2"), store.create("a/c", b"3")] == [True, False]
    name = store.put_blob("data", [b"4"])
    assert everything_below(tmp_path) == sorted(["a/k", "a/c", blob_key("data", name)])


def test_without_hard_links_a_create_is_refused_and_a_link_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    store = FileStore(str(tmp_path))
    store.put("k", [b"1"])
    monkeypatch.setattr(os, "link", no_links)
    refused = pytest.raises(StoreError, match=r"cannot create .*/c: .*its file system must have hard links")
    with refused:
        store.create("c", b"1")
    with refused:
        store.link("k", "c")
    assert everything_below(tmp_path) == ["k"]


def test_too_many_links_to_one_object_are_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileStore(str(tmp_path))
    store.put("k", [b"1"])
    real = os.link

    def full_of_links(source: str, target: str, **options: Any) -> None:  # noqa: ANN401 - as os.link's
        if source.endswith("/k") and os.path.isdir(os.path.dirname(target)):
            raise OSError(errno.EMLINK, "Too many links")
        real(source, target, **options)

    monkeypatch.setattr(os, "link", full_of_links)
    assert [store.link("k", "a/c"), store.link("k", "a/c"), store.get("a/c")] == [True, False, b"1"]


def test_mappings_do_not_use_up_the_table_of_files(tmp_path: Path) -> None:
    store = FileStore(str(tmp_path))
    size = MAPPED
    key = blob_key("data", store.put_blob("data", [bytes(size)]))
    kept = [store.load(key, 0, size) for _ in range(mapping.MOST_MAPPED + 20)]
    assert len(os.listdir("/proc/self/fd")) < mapping.MOST_MAPPED + 50
    assert {bytes(content[:1]) for content in kept} == {b"\0"}


# --------------------------------------------------------------------------- races
def test_names_of_drafts_differ_after_a_fork() -> None:
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.write(writer, draft.temporary_name().encode())
        os._exit(0)
    os.wait()
    assert os.read(reader, 100).decode().split("-")[1] != draft.temporary_name().split("-")[1]


RACE = """
import os, sys
sys.path.insert(0, sys.argv[3])
from flowc.runtime.store.files import FileStore
store = FileStore(sys.argv[1])
store._unnamed = sys.argv[4] == "True"
me = sys.argv[2].encode() * 3000
sys.stdin.read(1)
wins = 0
for index in range(400):
    key = f"{index % 7}/{index}"
    wins += store.create(key, me) if index % 2 else store.link("source-" + sys.argv[2], key)
    assert len(set(store.get(key))) == 1 and len(store.get(key)) == 3000
print(wins)
"""


@pytest.mark.parametrize("unnamed", [True, False])
def test_of_racing_processes_one_creates_each_object_whole(tmp_path: Path, unnamed: bool) -> None:
    for name in "abcd":
        FileStore(str(tmp_path)).put("source-" + name, [name.encode() * 3000])
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(tmp_path), name, str(ROOT), str(unnamed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "abcd"
    ]
    said = [racer.communicate("\n", timeout=60)[0] for racer in racers]
    assert sum(int(wins) for wins in said) == 400
    assert len(everything_below(tmp_path)) == 404


def test_of_racing_threads_one_creates_each_object_whole(store: FileStore) -> None:
    wins: list[tuple[int, bytes]] = []

    def race(me: bytes) -> None:
        for index in range(500):
            if store.create(f"k/{index}", me * 100):
                wins.append((index, me * 100))  # noqa: PERF401 - other threads append too

    racers = [threading.Thread(target=race, args=(me,)) for me in (b"a", b"b", b"c", b"d")]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(index for index, _ in wins) == list(range(500))
    assert all(store.get(f"k/{index}") == content for index, content in wins)
    assert len(everything_below(Path(store.root))) == 500


def test_of_racing_threads_each_stores_the_blob_whole(store: FileStore) -> None:
    content = bytes(range(256)) * 20_000
    racers = [threading.Thread(target=store.put_blob, args=("data", [content])) for _ in range(8)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert [store.get(key) for key in everything_below(Path(store.root))] == [content]


def test_the_datastore_stays_where_it_is_when_a_step_changes_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = FileStore("store")
    store.put("k", [b"1"])
    monkeypatch.chdir("/")
    assert store.get("k") == b"1"


def test_a_killed_writer_leaves_no_object(tmp_path: Path) -> None:
    program = (
        "import os, sys; sys.path.insert(0, sys.argv[2])\n"
        "from flowc.runtime.store.files import FileStore\n"
        "def pieces():\n yield b'x' * 1000\n os.kill(os.getpid(), 9)\n"
        "with FileStore(sys.argv[1])._draft(sys.argv[1] + '/F/k') as draft: draft.write_all(pieces())\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path), str(ROOT)], check=False)
    assert (done.returncode, everything_below(tmp_path)) == (-9, [])


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="a folder of Linux's")
def test_where_no_folder_can_be_made_that_is_said() -> None:
    with pytest.raises(StoreError, match=r"cannot create /proc/self/nothing/new/k: no such file"):
        FileStore("/proc/self/nothing").create("new/k", b"x")
