"""Tags of runs: changed, read back, and by two at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flowc.runtime.api.exceptions import MetaflowTaggingError
from flowc.runtime.client.stored import StoredRun
from flowc.runtime.client.tags import change_tags
from tests.stores import write_store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from flowc.runtime.store.files import FileStore

SYSTEM = ("runtime:dev", "user:ada")


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return write_store(tmp_path, 'Train/new created=100 tags=["a","b"]')


def tags_after(store: FileStore, *changes: tuple[Iterable[str], Iterable[str]]) -> list[str]:
    """The run's tags after (removed, added), one change after the other."""
    for removed, added in changes:
        change_tags(StoredRun(store, "Train", "new"), SYSTEM, removed, added)
    return StoredRun(store, "Train", "new").tags


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], ["a", "b"]),
        ([([], ["c", "c", "a"])], ["a", "b", "c"]),
        ([(["b", "none"], [])], ["a"]),
        ([(["a"], ["a", "c"])], ["b", "a", "c"]),
        ([([], ["user:ada"])], ["a", "b"]),
        ([(["a", "b"], []), ([], ["d"])], ["d"]),
    ],
)
def test_changes(
    store: FileStore, changes: list[tuple[Iterable[str], Iterable[str]]], expected: list[str]
) -> None:
    assert tags_after(store, *changes) == expected


@pytest.mark.parametrize(
    ("removed", "added", "message"),
    [
        ([], [], "a change of tags adds or removes at least one"),
        (["user:ada"], [], "`user:ada` is a system tag, which cannot be removed"),
        ([], "text", "the tags to add are given as a list, not as 'text'"),
        ([], [3], "a tag is a text, not 3"),
        ([], [""], "a tag is a line of 1 to 500 characters"),
        ([], ["two\nlines"], "a tag is a line of 1 to 500 characters"),
        ([], [str(n) for n in range(49)], "a run has at most 50 tags; this one would have 51"),
    ],
)
def test_faults(store: FileStore, removed: Iterable[str], added: Iterable[str], message: str) -> None:
    with pytest.raises(MetaflowTaggingError) as error:
        tags_after(store, (removed, added))
    assert (str(error.value), StoredRun(store, "Train", "new").tags) == (message, ["a", "b"])


def test_who_comes_second_begins_anew(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    create = store.create

    def overtaken(key: str, content: bytes) -> bool:
        monkeypatch.undo()
        assert tags_after(store, (["a"], ["theirs"])) == ["b", "theirs"]
        return create(key, content)

    monkeypatch.setattr(store, "create", overtaken)
    assert tags_after(store, ([], ["ours"])) == ["b", "theirs", "ours"]


def test_a_broken_version_hides_no_run(store: FileStore) -> None:
    store.put("Train/new/user-tags/7.json", [b"{"])
    store.put("Train/new/user-tags/other", [b""])
    assert tags_after(store) == []
    assert tags_after(store, ([], ["again"])) == ["again"]
    assert StoredRun(store, "Train", "new").steps() == []
