"""What is around a run and not its own: streams, folders, limits, locales. It succeeds, or says what it lacks."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.badluck.containers import Cluster
from tests.badluck.places import Ended, Place

if TYPE_CHECKING:
    from pathlib import Path

FLOW = '''\
import sys
from flowc import FlowSpec, Parameter, step


class Größe(FlowSpec):
    """Wie groß ☃?"""

    ä = Parameter("ä", default="☃", help="Maß ☃")

    @step
    def start(self):
        """Über ☃"""
        print("said", ascii(self.ä), "ß☃", "a\\udcffb")
        print("told ☃", file=sys.stderr)
        self.xs = ["ß", "☃"]
        self.next(self.work, foreach="xs")

    @step
    def work(self):
        self.y = self.input * 100_000
        self.next(self.join)

    @step
    def join(self, inputs):
        self.ys = [i.y[0] for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        pass
'''
# Root is refused nothing, unless it gives up what lets it.
AS_ANYBODY = "set -- setpriv --bounding-set=-all --inh-caps=-all -- "


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "a plåce ☃", FLOW)


def unprivileged() -> str:
    """What comes before a command so that permissions count, whoever runs the tests."""
    return f'{AS_ANYBODY} "$@";' if os.geteuid() == 0 else ""


def check(ended: Ended, code: int, *said: str) -> None:
    """A command ended so, said this, and shows no traceback."""
    text = ended.out + ended.err
    assert ended.code == code, ended
    for words in said:
        assert words in text
    assert "Traceback" not in text
    assert "FC901" not in text


@pytest.mark.parametrize(
    "variables",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1"},
    ],
    ids=lambda variables: " ".join(variables.values()),
)
@pytest.mark.parametrize("isolate", ["fork", "spawn"])
def test_what_tasks_print_is_the_same_in_any_locale(
    place: Place, variables: dict[str, str], isolate: str
) -> None:
    ended = place.flowc("run", "flow.py", "--isolate", isolate, "--ä", "ß☃", **variables)
    check(ended, 0, r"said '\xdf\u2603'")
    logs = place.flowc("logs", f"{place.runs()[0]}/start/r")
    assert logs.out == "said '\\xdf\\u2603' ß☃ a\\udcffb\ntold ☃\n"
    values = place.flowc("dump", f"{place.runs()[0]}/join/r", **variables)
    check(values, 0)
    check(place.flowc("resume", "flow.py", "join", "--isolate", isolate, **variables), 0)


# --------------------------------------------------------------------------- streams
@pytest.mark.parametrize(
    ("before", "code"),
    [
        ("exec <&-;", 0),
        ("exec >&- <&-;", 0),
        ("exec 2>&-;", 0),
        ("exec >/dev/full;", 2),
        ("exec 2>/dev/full;", 2),
        ("exec >/dev/full 2>/dev/full;", 2),
    ],
)
def test_a_run_without_streams(place: Place, before: str, code: int) -> None:
    check(place.flowc("run", "flow.py", before=before), code)


def test_a_fault_that_cannot_be_told(place: Place) -> None:
    check(place.flowc("run", "no.py", before="exec 2>/dev/full;"), 2)


# --------------------------------------------------------------------------- folders
def test_the_names_of_folders_are_any_bytes(tmp_path: Path) -> None:
    name = os.fsdecode(b"a\xff'\n$(b)")
    place = Place(tmp_path / name, FLOW.replace("Größe", "Size"))
    for isolate in ("fork", "spawn"):
        check(place.flowc("run", "flow.py", "--isolate", isolate), 0)
        check(place.flowc("resume", "flow.py", "join", "--isolate", isolate), 0)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (
            "file:///proc/x",
            "no such file or directory; no folder can be made there: choose another datastore",
        ),
        ("file:///dev/null", "not a directory; a file stands where a folder must be"),
        (f"file:///tmp/{'x' * 300}", "file name too long; choose a datastore whose path is shorter"),
    ],
)
def test_a_datastore_that_cannot_be(place: Place, url: str, why: str) -> None:
    check(place.flowc("run", "flow.py", "--datastore", url), 2, "cannot create ", why)


def test_a_folder_that_cannot_be_written(place: Place) -> None:
    place.folder.chmod(0o555)
    ended = place.flowc("run", "flow.py", before=unprivileged())
    check(ended, 2, "cannot create ", "permission denied; give user", "or choose another datastore")
    elsewhere = f"file://{place.folder.parent}/store"
    check(place.flowc("run", "flow.py", "--datastore", elsewhere, before=unprivileged()), 0)


def test_a_datastore_of_somebody_else(place: Place) -> None:
    check(place.flowc("run", "flow.py"), 0)
    (place.folder / ".flowc").chmod(0)
    for words in (("run", "flow.py"), ("resume", "flow.py"), ("runs",), ("show", "Größe/latest")):
        check(place.flowc(*words, before=unprivileged()), 2, ".flowc/store", "permission denied; give user")


# --------------------------------------------------------------------------- limits
@pytest.mark.parametrize(("isolate", "enough"), [("fork", 9), ("spawn", 11)])
def test_too_few_open_files(place: Place, isolate: str, enough: int) -> None:
    """Whichever of the files that a run opens is one too many."""
    for number in range(6, enough):
        ended = place.flowc("run", "flow.py", "--isolate", isolate, limits=f"-n {number}")
        check(ended, 2, "no more tasks can be started: Too many open files")
    check(place.flowc("run", "flow.py", "--isolate", isolate, limits="-n 32"), 0)


@pytest.mark.parametrize("kilobytes", [30_000, 45_000, 60_000])
def test_too_little_memory(place: Place, kilobytes: int) -> None:
    """Too little for a Python, for flowc, or for a thread beside it: nobody knows how much that is."""
    ended = place.flowc("run", "flow.py", limits=f"-v {kilobytes}")
    assert "Traceback" not in ended.err or "Fatal Python error" in ended.err
    assert "FC901" not in ended.err


def test_no_process_more(place: Place, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs a user of whom there are no other processes")
    as_nobody = "set -- setpriv --reuid 54321 --inh-caps +dac_override --ambient-caps +dac_override -- "
    before = f'{as_nobody} prlimit --nproc=2 -- "$@";'
    check(
        place.flowc("run", "flow.py", before=before), 2, "no more tasks can be started: Resource temporarily"
    )
    before = f'{as_nobody} prlimit --nproc=1 -- "$@";'
    ended = Cluster(tmp_path, FLOW.replace("Größe", "Size")).task("start", "r", before=before)
    assert (ended.code, "start/r: no process can be started for it: Resource temporarily" in ended.out) == (
        70,
        True,
    )


# --------------------------------------------------------------------------- in a container
SIGNALS = (
    "import os, signal, sys; [signal.signal(n, signal.SIG_IGN) for n in signal.valid_signals() - {9, 19}]"
)


@pytest.mark.parametrize(
    "before",
    [
        "exec <&-;",
        "exec >&-;",
        "exec <&- >&- 2>&-;",
        "exec >/dev/full 2>/dev/full;",
        "ulimit -n 8;",
        f'set -- {sys.executable} -c "{SIGNALS}; os.execv(sys.argv[1], sys.argv[1:])" "$@";',
    ],
)
def test_a_task_with_less_than_is_usual(tmp_path: Path, before: str) -> None:
    cluster = Cluster(tmp_path, FLOW.replace("Größe", "Size"))
    assert cluster.task("start", "r", before=before).code == 0
    log = cluster.store.get(f"{cluster.run.winning_attempt('start', 'r')}/log") or b""
    assert log.decode() == "said '\\u2603' ß☃ a\\udcffb\ntold ☃\n"
    assert (tmp_path / "control/a/splits").read_text() == "2"


@pytest.mark.parametrize(
    ("before", "variables", "said"),
    [
        (
            "mkdir gone; cd gone; rmdir ../gone;",
            {},
            "the working folder, where the flow's files were, was removed",
        ),
        (
            "",
            {"FLOWC_STEP": "other"},
            "has no step `other`: it is not the code that the manifest was made from",
        ),
    ],
)
def test_a_task_that_cannot_be(tmp_path: Path, before: str, variables: dict[str, str], said: str) -> None:
    ended = Cluster(tmp_path, FLOW.replace("Größe", "Size")).task("start", "r", before=before, **variables)
    assert (ended.code, "Traceback" in ended.out) == (70, False), ended
    assert said in ended.out


@pytest.mark.parametrize("isolate", ["fork", "spawn"])
def test_a_run_where_signals_are_ignored(place: Place, isolate: str) -> None:
    """That of a child's end too, which then leaves no exit code."""
    before = f'set -- {sys.executable} -c "{SIGNALS}; os.execv(sys.argv[1], sys.argv[1:])" "$@";'
    check(place.flowc("run", "flow.py", "--isolate", isolate, before=before), 0)
