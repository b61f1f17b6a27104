"""What a task stores: small values together, large ones by their content, nothing twice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.runtime.artifacts import ArtifactWriter, load_artifact, load_item, mapped, stored_by, verify
from flowc.runtime.store import CorruptObject, MissingObject
from flowc.runtime.store.files import FileStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from flowc.runtime.store import Piece, Store


class Shelf(FileStore):
    """A store that counts what is written to it."""

    def __init__(self, root: Path) -> None:
        super().__init__(str(root))
        self.written: list[str] = []

    def put(self, key: str, chunks: Iterable[Piece]) -> None:
        self.written.append(key)
        super().put(key, chunks)

    def put_blob(self, folder: str, pieces: Sequence[Piece]) -> str:
        self.written.append(folder)
        return super().put_blob(folder, pieces)


def writer(store: Store, task: str = "r/s/r") -> ArtifactWriter:
    return ArtifactWriter(store, "F", f"F/{task}/attempts/a")


def saved(store: Store, value: object) -> dict[str, Any]:
    made = writer(store)
    entry = made.save("x", value)
    made.close()
    return entry


@pytest.fixture
def store(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_small_values_share_an_object_and_large_ones_are_named_by_content(store: Shelf) -> None:
    made = writer(store)
    values = {"a": 1, "b": "two", "big": bytes(100_000), "array": np.arange(1 << 18)}
    entries = {name: made.save(name, value) for name, value in values.items()}
    made.close()
    assert {name: entry["object"].replace(entry["digest"], "DIGEST") for name, entry in entries.items()} == {
        "a": "F/r/s/r/attempts/a/small",
        "b": "F/r/s/r/attempts/a/small",
        "big": f"F/data/{entries['big']['digest'][:2]}/DIGEST",
        "array": f"F/data/{entries['array']['digest'][:2]}/DIGEST",
    }
    assert {stored_by(entry) for entry in entries.values()} == {"r/s/r"}
    assert [load_artifact(store, entries[name]) for name in ("a", "b", "big")] == [1, "two", bytes(100_000)]
    np.testing.assert_array_equal(load_artifact(store, entries["array"]), values["array"])


@given(st.lists(st.binary(max_size=300) | st.integers() | st.text(), max_size=20))
def test_each_small_value_is_where_its_entry_says(
    tmp_path_factory: pytest.TempPathFactory, values: list[Any]
) -> None:
    store = FileStore(str(tmp_path_factory.mktemp("store")))
    made = writer(store)
    entries = [made.save(f"v{index}", value) for index, value in enumerate(values)]
    made.close()
    assert [load_artifact(store, entry) for entry in entries] == values


def test_a_value_that_changes_before_the_end_is_stored_as_it_was(store: Shelf) -> None:
    made, value = writer(store), np.arange(3)
    entry = made.save("x", value)
    value[:] = 7
    made.close()
    assert load_artifact(store, entry).tolist() == [0, 1, 2]


@pytest.mark.parametrize("count", [0, 1, 3, 5000])
def test_an_item_is_read_alone(store: Shelf, count: int) -> None:
    values = [np.arange(index % 7) for index in range(count)]
    items = writer(store).save_items(values)
    assert items["count"] == count
    for index in range(0, count, 499):
        assert load_item(store, items, index).tolist() == values[index].tolist()


# --------------------------------------------------------------------------- what need not be stored again
SAME: list[tuple[str, object, Callable[[Any], Any]]] = [
    ("small", [1, "two"], lambda v: v),
    ("middling", np.arange(1 << 15), lambda v: v),
    ("array", np.arange(1 << 18), lambda v: v),
    ("array under another name", np.arange(1 << 18), lambda v: v),
    ("arrays", {"a": np.arange(1 << 18), "b": np.ones(1 << 18), "c": 1}, lambda v: v),
    ("equal copy", np.arange(1 << 18), lambda v: v.copy()),
    ("read through", np.arange(1 << 18), lambda v: (v.sum(), v)[1]),
    ("long bytes", bytes(range(256)) * 8192, lambda v: v),
]
CHANGED: list[tuple[str, object, Callable[[Any], Any]]] = [
    ("one number of few", np.arange(1 << 15), lambda v: np.put(v, [9], [7])),
    ("one number", np.arange(1 << 18), lambda v: np.put(v, [1 << 17], [7])),
    ("and back", np.arange(1 << 18), lambda v: np.put(v, [5, 5], [7, 5])),
    ("the last one", np.arange(1 << 18), lambda v: np.put(v, [-1], [7])),
    ("beside the array", {"a": np.arange(1 << 18), "c": 1}, lambda v: v.update(c=2)),
    ("the second array", [np.arange(1 << 18), np.ones(1 << 18)], lambda v: np.put(v[1], [9], [7])),
]


@pytest.mark.parametrize(("_what", "value", "use"), SAME, ids=[row[0] for row in SAME])
def test_what_a_step_only_reads_is_not_stored_again(
    store: Shelf, _what: str, value: object, use: Callable[[Any], Any]
) -> None:
    entry = saved(store, value)
    store.written.clear()
    made = writer(store, "r/later/r")
    assert made.save("x", use(load_artifact(store, entry)), entry) == entry
    made.close()
    assert store.written == []


@pytest.mark.parametrize(("_what", "value", "change"), CHANGED, ids=[row[0] for row in CHANGED])
def test_what_a_step_changes_is_stored_and_its_origin_stays(
    store: Shelf, _what: str, value: object, change: Callable[[Any], Any]
) -> None:
    entry = saved(store, value)
    loaded = load_artifact(store, entry)
    change(loaded)
    again = saved(store, loaded)
    assert store.written == ["F/data", "F/data"]
    np.testing.assert_equal(load_artifact(store, again), loaded)
    np.testing.assert_equal(load_artifact(store, entry), value)


def test_without_proof_a_value_is_stored_again(store: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = saved(store, np.arange(1 << 18))
    loaded = load_artifact(store, entry)
    monkeypatch.setattr("flowc.runtime.artifacts.mapped.SMAPS", "/nowhere")
    assert saved(store, loaded) == entry
    assert store.written == ["F/data", "F/data"]


@pytest.mark.parametrize("value", [np.arange(1 << 18), bytes(range(256)) * 8192], ids=["array", "bytes"])
def test_what_was_removed_meanwhile_is_stored_again(store: Shelf, tmp_path: Path, value: object) -> None:
    entry = saved(store, value)
    loaded = load_artifact(store, entry)
    (tmp_path / entry["object"]).unlink()
    assert writer(store).save("x", loaded, entry) == entry
    verify(store, entry)


def test_an_artifact_of_another_flow_is_stored_for_this_one(store: Shelf) -> None:
    entry = ArtifactWriter(store, "Other", "Other/r/s/r/attempts/a").save("x", np.arange(1 << 18))
    assert saved(store, load_artifact(store, entry))["object"].startswith("F/data/")


# --------------------------------------------------------------------------- what went bad meanwhile
def flip_last(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:-1])


@pytest.mark.parametrize(
    ("value", "harm", "error", "message"),
    [
        ("small", flip_last, CorruptObject, "small is corrupt: its digest is .*`flowc verify`"),
        ("small", cut, CorruptObject, "small ends early: .* bytes from 0 asked for, 1 are missing"),
        (bytes(100_000), flip_last, CorruptObject, "is corrupt: its digest is .*`flowc verify`"),
        (bytes(2_000_000), cut, CorruptObject, r"is corrupt: it is 2,000,\d+ bytes long, .*`flowc verify`"),
        (bytes(2_000_000), flip_last, CorruptObject, "is corrupt: its digest is"),
        ("small", Path.unlink, MissingObject, "there is no object .*/small"),
        (bytes(2_000_000), Path.unlink, MissingObject, "there is no object .*/F/data/"),
    ],
)
def test_a_damaged_object_is_never_a_value(
    store: Shelf,
    tmp_path: Path,
    value: object,
    harm: Callable[[Path], None],
    error: type[Exception],
    message: str,
) -> None:
    entry = saved(store, value)
    harm(tmp_path / entry["object"])
    with pytest.raises(error, match=message):
        load_artifact(store, entry)


def test_verify_reads_what_a_mapping_does_not(store: Shelf, tmp_path: Path) -> None:
    entry = saved(store, np.arange(1 << 18))
    verify(store, entry)
    flip_last(tmp_path / entry["object"])
    load_artifact(store, entry)
    with pytest.raises(CorruptObject, match="is corrupt"):
        verify(store, entry)


def test_an_item_is_verified(store: Shelf, tmp_path: Path) -> None:
    items = writer(store).save_items(["x", "y"])
    flip_last(tmp_path / items["object"])
    assert load_item(store, items, 0) == "x"
    with pytest.raises(CorruptObject, match="is corrupt"):
        load_item(store, items, 1)


@pytest.mark.parametrize(
    ("words", "proved"),
    [
        ("Anonymous: 0 kB\nSwap: 0 kB", True),
        ("Anonymous: 4 kB\nSwap: 0 kB", False),
        ("Anonymous: 0 kB\nSwap: 4 kB", False),
        ("Private_Dirty: 8 kB\nAnonymous: 0 kB", True),
        ("Swap: 0 kB", False),
        ("", False),
    ],
)
@pytest.mark.parametrize(
    ("places", "covered"), [(["1000-3000"], True), (["0-2000", "2000-9000"], True), (["2000-3000"], False)]
)
def test_the_kernel_must_say_so_of_every_part(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    proved: bool,
    places: list[str],
    covered: bool,
) -> None:
    other = "9000-a000 rw-p 00000000 00:00 0\nAnonymous: 4 kB\nSwap: 4 kB\n"
    parts = "".join(
        f"{place} rw-p 00000000 fe:00 1 /a file: b\nSize: 8 kB\n{words}\n".replace("\n\n", "\n")
        for place in places
    )
    (tmp_path / "smaps").write_text(parts + other)
    monkeypatch.setattr(mapped, "SMAPS", str(tmp_path / "smaps"))
    assert mapped._was_never_written(0x1000, 0x3000) == (proved and covered)
