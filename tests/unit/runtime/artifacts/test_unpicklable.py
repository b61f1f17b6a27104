"""What cannot be stored or loaded is told by name, place and reason."""

from __future__ import annotations

import re
import sys
import threading
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from flowc.runtime.artifacts import ArtifactWriter, UnreadableArtifact, load_artifact
from flowc.runtime.artifacts.frame import frame
from flowc.runtime.artifacts.unpicklable import UnpicklableArtifact
from flowc.runtime.store.files import FileStore

if TYPE_CHECKING:
    from collections.abc import Callable

LINE = (f"{Path.cwd()}/flows/flow.py", 12)


class Stubborn:
    """Its own code raises."""

    def __reduce__(self) -> NoReturn:
        raise ZeroDivisionError("not today")


class Greedy:
    """Its own code needs more memory than there is."""

    def __reduce__(self) -> NoReturn:
        raise MemoryError


class Holder:
    """Holds what cannot be pickled."""

    def __init__(self, lock: object) -> None:
        self.lock = lock


def deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    return value


def local_class() -> object:
    class Inner:
        pass

    return Inner()


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (
            lambda: (n for n in range(3)),
            """a value of type `generator`, which cannot be pickled (PYTHON).
            Assign a list of its items instead: `list(…)`.""",
        ),
        (
            lambda: {"a": [1, {"b": threading.Lock()}]},
            """a value of type `dict`, whose ['a'][1]['b'], a `_thread.lock`, cannot be pickled (PYTHON).
            Keep it in a local variable, and assign what it was made from or what it gave.""",
        ),
        (
            lambda: Holder(threading.Lock()),
            """a value of type `HERE.Holder`, whose .lock, a `_thread.lock`, cannot be pickled (PYTHON).
            Keep it in a local variable, and assign what it was made from or what it gave.""",
        ),
        (
            lambda: Path(__file__).open(),  # noqa: SIM115 - left open on purpose
            """a value of type `_io.TextIOWrapper`, which cannot be pickled (PYTHON).
            Keep it in a local variable, and assign what it was made from or what it gave.""",
        ),
        (
            Stubborn,
            """a value of type `HERE.Stubborn`, which cannot be pickled (not today).
            Keep it in a local variable, and assign what it was made from or what it gave.""",
        ),
        (
            deep,
            """a value of type `list`, which is nested too deeply to be pickled.
            Store it flat, such as a list of nodes that name each other by number.""",
        ),
        (
            Greedy,
            """a value of type `HERE.Greedy`, and memory ran out while it was pickled.
            Ask for more memory (`@resources(memory=…)`), or store it in parts.""",
        ),
    ],
)
def test_the_message(tmp_path: Path, make: Callable[[], object], expected: str) -> None:
    writer = ArtifactWriter(FileStore(str(tmp_path)), "F", "F/r/train/r.3/attempts/a")
    value = make()
    with pytest.raises(UnpicklableArtifact) as caught:
        writer.save("model", value, line=LINE)
    if hasattr(value, "close"):
        value.close()
    said = [line.strip() for line in expected.replace("HERE", __name__).splitlines()]
    found = re.sub(r"\(cannot pickle .*\)", "(PYTHON)", str(caught.value))
    assert [line.strip() for line in found.splitlines()] == [
        "artifact `model` of step `train` cannot be stored: flows/flow.py:12 assigned " + said[0],
        *said[1:],
    ]


@pytest.mark.parametrize("make", [lambda: {"f": lambda: 1}, lambda: [local_class()]])
def test_what_has_no_name_to_be_found_by(tmp_path: Path, make: Callable[[], object]) -> None:
    remedy = (
        "Define the function or class at the top level of its module, where it has a name to be found by."
    )
    with pytest.raises(UnpicklableArtifact, match=remedy):
        ArtifactWriter(FileStore(str(tmp_path)), "F", "F/r/s/r/attempts/a").save("x", make())


def test_an_item_is_named_by_its_number(tmp_path: Path) -> None:
    writer = ArtifactWriter(FileStore(str(tmp_path)), "F", "F/r/s/r/attempts/a")
    with pytest.raises(
        UnpicklableArtifact, match="artifact `item 2` of step `s` cannot be stored: it is a value of"
    ):
        writer.save_items([0, 1, threading.Lock()])


# --------------------------------------------------------------------------- loading
class Rebuilt:
    """Its own code raises when it is made again."""

    def __reduce__(self) -> Any:  # noqa: ANN401 - as object's
        return (int, ("not a number",))


def forget_class(module: types.ModuleType) -> None:
    del module.Model


def forget_module(module: types.ModuleType) -> None:
    del sys.modules[module.__name__]


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (
            forget_class,
            r"Can't get attribute 'Model' on .*; its class or function was renamed, moved or removed since",
        ),
        (forget_module, r"module `gone_model` is missing here; it must be installed, or lie beside the flow"),
    ],
)
def test_a_class_that_is_gone(tmp_path: Path, harm: Callable[[types.ModuleType], None], reason: str) -> None:
    module = types.ModuleType("gone_model")
    exec("class Model: pass\nModel.__module__ = 'gone_model'", vars(module))  # noqa: S102 - a module for this test
    sys.modules["gone_model"] = module
    store = FileStore(str(tmp_path))
    writer = ArtifactWriter(store, "F", "F/r/train/r.3/attempts/a")
    entry = writer.save("model", module.Model())
    writer.close()
    harm(module)
    expected = (
        rf"`model`, a value of type `gone_model.Model` stored by r/train/r.3, cannot be loaded: {reason}"
    )
    with pytest.raises(UnreadableArtifact, match=expected):
        load_artifact(store, entry, "model")
    sys.modules.pop("gone_model", None)


def test_what_its_own_code_refuses(tmp_path: Path) -> None:
    store = FileStore(str(tmp_path))
    writer = ArtifactWriter(store, "F", "F/r/s/r/attempts/a")
    entry = writer.save("x", Rebuilt())
    writer.close()
    with pytest.raises(
        UnreadableArtifact, match=r"`x`, .* cannot be loaded: ValueError: invalid literal for int"
    ):
        load_artifact(store, entry, "x")


def test_a_protocol_of_a_newer_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = FileStore(str(tmp_path))
    writer = ArtifactWriter(store, "F", "F/r/s/r/attempts/a")
    monkeypatch.setattr(
        "flowc.runtime.artifacts.frame.frame",
        lambda value: [piece.replace(b"\x80\x05", b"\x80\x09") for piece in frame(value)],  # type: ignore[union-attr]
    )
    entry = writer.save("x", 1)
    writer.close()
    with pytest.raises(
        UnreadableArtifact, match=r"unsupported pickle protocol: 9; it was stored by a newer Python"
    ):
        load_artifact(store, entry, "x")
