"""`parallel_map`: results, failures, and that no process is left whatever happens."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowc.runtime import parallel
from flowc.runtime.parallel import MulticoreException, parallel_imap_unordered, parallel_map
from flowc.runtime.results import MAPPED, read_result, result_file, write_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT = Path(__file__).parents[3]


def no_child_is_left() -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
        return False
    return True


def failure(func: Callable[[Any], Any], items: Iterable[object], max_parallel: int | None = None) -> str:
    with pytest.raises(MulticoreException) as caught:
        parallel_map(func, items, max_parallel)
    assert no_child_is_left()
    return str(caught.value)


def test_the_order_is_that_of_the_items() -> None:
    scale = 3

    def late_first(i: int) -> int:
        time.sleep((4 - i) / 100)
        return i * scale

    assert parallel_map(late_first, range(4), max_parallel=4) == [0, 3, 6, 9]
    assert parallel_map(str, iter("ab"), 1) == ["a", "b"]
    assert parallel_map(str, []) == []


def test_unordered_results_come_as_they_are_ready(tmp_path: Path) -> None:
    def wait_for_one(i: int) -> int:
        while i == 0 and not (tmp_path / "1").exists():
            time.sleep(0.001)
        return i

    results = parallel_imap_unordered(wait_for_one, range(2), 2)
    assert next(results) == 1
    (tmp_path / "1").touch()
    assert list(results) == [0]


def test_items_are_taken_when_there_is_room_for_them() -> None:
    taken = []

    def items() -> Iterator[int]:
        for i in range(50):
            taken.append(i)
            yield i

    results = parallel_imap_unordered(lambda i: i, items(), 2)
    assert (next(results), len(taken)) in [(0, 3), (1, 3)]
    results.close()  # type: ignore[attr-defined]  # a generator
    assert no_child_is_left()


@pytest.mark.parametrize("width", [0, -1, True, 2.0, "2"])
def test_an_impossible_width_is_said(width: Any) -> None:  # noqa: ANN401 - of a wrong type on purpose
    with pytest.raises(ValueError, match="it must be a whole number of at least 1"):
        parallel_map(str, [1], width)


class StubbornError(Exception):
    def __reduce__(self) -> str:
        raise TypeError("not me")


def fail(number: int) -> None:
    match number:
        case 0:
            1 // number
        case 1:
            raise StubbornError("why")
        case 2:
            sys.exit(0)
        case 3:
            os._exit(3)
        case 4:
            os._exit(0)
        case 5:
            os.kill(os.getpid(), signal.SIGKILL)
        case 6:
            parallel_map(lambda divisor: 1 // divisor, [1, 0])


FAILURES = [
    (0, "parallel_map: item 0 failed:\nTraceback (most recent call last):\n  File"),
    (1, "StubbornError: why"),
    (2, "SystemExit: 0"),
    (3, "item 0: its process ended without a result (exit code 3)"),
    (4, "item 0: its process ended without a result (exit code 0)"),
    (5, "item 0: its process was killed by SIGKILL, which may mean that memory ran out"),
    (6, "parallel_map: item 1 failed:\n"),
]


@pytest.mark.parametrize(("number", "expected"), FAILURES)
def test_a_failure_names_the_item_and_why(number: int, expected: str) -> None:
    assert expected in failure(fail, [number])


def test_a_result_that_cannot_be_sent_is_named() -> None:
    said = failure(iter, [(i for i in range(3))])
    assert "item 0 failed:\nits result, of type builtins.generator, cannot be sent back: " in said


def test_a_traceback_begins_in_the_users_function() -> None:
    said = failure(fail, [0])
    assert "flowc/runtime" not in said
    assert said.endswith("by zero")


def test_a_failure_ends_the_others() -> None:
    failure(lambda i: time.sleep(3600) if i else 1 // i, range(4), max_parallel=4)


def test_more_processes_than_descriptors_are_fewer_at_a_time() -> None:
    program = """
        import resource
        from flowc.runtime.parallel import parallel_map
        resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
        print(sum(parallel_map(lambda i: i, range(60), 1000)))
    """
    assert run(program) == (0, "1770\n")


def run(program: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", dedent(program)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout


def test_maps_in_threads_do_not_meet() -> None:
    found: dict[int, list[int]] = {}

    def go(scale: int) -> None:
        found[scale] = parallel_map(lambda i: i * scale, range(20), 3)

    threads = [threading.Thread(target=go, args=(scale,)) for scale in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {scale: [i * scale for i in range(20)] for scale in range(4)}
    assert no_child_is_left()


def test_without_the_kernels_help_the_result_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_handle", lambda _pid: None)
    assert parallel_map(lambda i: i, range(9), 3) == list(range(9))
    assert no_child_is_left()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_all_processes_end_with_the_parent(number: int) -> None:
    program = """
        import os, signal, time
        from flowc.runtime.parallel import parallel_map

        def stay(i):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.write(1, b"%d\\n" % os.getpid())
            if i == 0:
                parallel_map(stay, [1, 2], 2)
            time.sleep(60)

        parallel_map(stay, range(3), 3)
    """
    command = [sys.executable, "-c", dedent(program)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdout is not None
        for _ in range(5):
            parent.stdout.readline()
        parent.send_signal(number)
        parent.wait(30)
        # Every worker holds the other end of this pipe: it is at its end when none is left.
        assert parent.stdout.read() == ""


@pytest.mark.parametrize("folder", [None, "."])
def test_a_large_array_is_mapped_and_writable(
    folder: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numpy = pytest.importorskip("numpy")
    monkeypatch.chdir(tmp_path)
    size = 2 * MAPPED
    (found,) = parallel_map(lambda i: {"a": numpy.full(size, i, "u1"), "b": b"x" * size}, [7], dir=folder)
    found["a"][0] = 1
    assert (int(found["a"].sum()), len(found["b"])) == (7 * size - 6, size)
    assert list(tmp_path.iterdir()) == []


VALUES = st.recursive(
    st.none() | st.integers() | st.binary(max_size=200) | st.text(max_size=20),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
)


@given(VALUES, st.lists(st.binary(max_size=300), max_size=4))
def test_a_value_comes_back_as_it_was(value: object, buffers: list[bytes]) -> None:
    descriptor = result_file(None)
    write_result(descriptor, (True, (value, [pickle.PickleBuffer(bytearray(b)) for b in buffers])))
    answer = read_result(descriptor)
    assert answer is not None
    succeeded, (found, views) = answer
    assert (succeeded, found, [bytes(v) for v in views]) == (True, value, buffers)


@settings(max_examples=50)
@given(st.integers(min_value=0, max_value=200))
def test_half_a_result_is_none(cut: int) -> None:
    descriptor = result_file(None)
    write_result(descriptor, (True, "x" * 500))
    os.ftruncate(descriptor, os.fstat(descriptor).st_size - 1 - cut)
    assert read_result(descriptor) is None
