"""Whatever lies in a datastore, reading it ends in words: no object can make a command or the client fail."""

from __future__ import annotations

import io
import json
import os
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowc import contract
from flowc.cli import main
from flowc.cli.results.preview import preview
from flowc.dsl import MetaflowException
from flowc.runtime import client
from flowc.runtime.artifacts import ArtifactWriter
from flowc.runtime.client import place
from flowc.runtime.client.stored import StoredRun, flow_names, path_order
from flowc.runtime.store.files import FileStore
from tests.stores import write_store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUN = """
    F/one             created=100 parameters={"alpha":0.5}
    F/one/start/r     ok 100-102 xs=[1,2,3] -> work
    F/one/work/r.0    failed 103-104 E: bad | ok 106-107 y=3 -> end
    F/one/work/r.1    killed 103
    F/one/ended       status="failed" ended=112
"""
START = "F/one/start/r"
WORK = "F/one/work/r.0"
OBJECTS = (
    "F/one/run.json",
    "F/one/ended.json",
    f"{START}/done.json",
    f"{START}/attempts/a0/record.json",
    f"{START}/attempts/a0/small",
    f"{WORK}/attempts/a0/begin.json",
    f"{WORK}/attempts/a0/failure.json",
    f"{WORK}/attempts/a0/end.json",
    f"{WORK}/attempts/a1/record.json",
)
COMMANDS = ("runs", "runs --json", "show one", "show one --json", "show one/start/r", "show one/work",
            "show one/work/r.0 --json", "dump one", "dump one --json", "logs one", "verify one", "report one")  # fmt: skip

# Values where a record has others, among keys that records have.
keys = st.sampled_from(
    """attempt artifacts targets splits stack items started ended exit failure type message traceback time size
       offset object digest parameters tags created status xs index count step next caught""".split()
)
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=8,
)
contents = st.dictionaries(keys, odd, max_size=8).map(lambda value: json.dumps(value).encode())


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(contract.ENV_DATASTORE, raising=False)
    monkeypatch.setenv("FLOWC_DEBUG", "1")
    yield
    client.default_namespace()


def ends_in_words(root: str, command: str) -> None:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([*command.split(), "--datastore", f"file://{root}"])
    assert code in {0, 1, 2}
    assert "\x1b" not in out.getvalue() + err.getvalue()
    if "--json" in command and code == 0:
        json.loads(out.getvalue())


@settings(deadline=None)
@given(st.sampled_from(OBJECTS), contents | st.binary(max_size=30) | st.none())
def test_no_object_makes_reading_fail(
    tmp_path_factory: pytest.TempPathFactory, key: str, content: bytes | None
) -> None:
    store = write_store(tmp_path_factory.mktemp("store"), RUN)
    if content is None:
        os.unlink(os.path.join(store.root, key))
    else:
        store.put(key, [content])
    for command in COMMANDS:
        ends_in_words(store.root, command)
    client.metadata(f"file://{store.root}")
    try:
        _read_everything()
    finally:
        place.choose(None)


def _read_everything() -> None:
    for run in client.Flow("F"):
        assert run.status in {"succeeded", "failed", "unfinished"}
        repr((run.created_at, run.finished_at, run.tags, run.origin_pathspec, list(run)))
        for step in run:
            for task in step:
                repr((task.status, task.created_at, task.finished_at, task.metadata_dict))
                try:
                    repr((task.exception, task.data, task.artifacts, [each.data for each in task]))
                except MetaflowException as error:
                    assert str(error)  # noqa: PT017 - any of these is a good end


identifiers = st.text(min_size=1, max_size=12).filter(str.isidentifier)
paths = st.lists(st.tuples(st.sampled_from(".~"), st.integers(0, 200)), max_size=4).map(
    lambda levels: "r" + "".join(f"{sign}{number}" for sign, number in levels)
)


@given(identifiers, identifiers, st.lists(paths, min_size=1, max_size=8, unique=True))
def test_names_and_paths_are_read_as_they_were_written(flow: str, step: str, all_paths: list[str]) -> None:
    with tempfile.TemporaryDirectory() as root:
        store = FileStore(root)
        for path in all_paths:
            store.put(f"{contract.task_prefix(flow, 'one', step, path)}/{contract.MARKER_OBJECT}", [b"{}"])
        store.put(f"{contract.run_prefix(flow, 'one')}/run-local-1-0/small", [b""])  # no step
        store.put(f"{contract.escape_name(flow)}/data/ab/abc", [b""])  # no run
        run = StoredRun(store, flow, "one")
        assert (flow_names(store), run.steps()) == ([flow], [step])
        assert run.paths(step) == sorted(all_paths, key=path_order)
        assert [task.pathspec for task in run.tasks()] == [
            f"{flow}/one/{step}/{path}" for path in run.paths(step)
        ]


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_paths_are_ordered_as_people_count(left: int, right: int) -> None:
    assert (path_order(f"r.1~{left}") < path_order(f"r.1~{right}")) == (left < right)


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(), inner)
        | st.frozensets(st.text(), max_size=1)
    ),
    max_leaves=10,
)


@given(plain)
def test_a_plain_value_is_previewed_by_its_repr(
    tmp_path_factory: pytest.TempPathFactory, value: object
) -> None:
    entry, store = stored(tmp_path_factory.mktemp("value"), value)
    shown = preview(store, entry, 10_000)
    assert shown.isprintable()
    if repr(value).isprintable() and len(repr(value)) < 10_000:
        assert shown == repr(value)


class Evil:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return (exec, ("raise SystemExit('imported')",))


@pytest.mark.parametrize("value", [Evil(), [Evil()], {"x": FileStore}, os.system, eval])
def test_a_preview_imports_and_calls_nothing(tmp_path: Path, value: object) -> None:
    entry, store = stored(tmp_path, value)
    assert preview(store, entry, 80) == ""


def stored(folder: Path, value: object) -> tuple[dict[str, object], FileStore]:
    store = FileStore(str(folder))
    writer = ArtifactWriter(store, "F", "F/one/s/r/attempts/a")
    entry = writer.save("x", value)
    writer.close()
    return entry, store
