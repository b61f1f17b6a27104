"""What changed between two flows, in words: the same flow spelled otherwise is no change."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.cli.meaning import render
from flowc.cli.meaning.changes import Change, Difference, Word, compare
from flowc.cli.meaning.facts import meaning
from flowc.passes.bounds import certify
from flowc.target.budget import Lowering
from flowc.target.settings import Settings
from tests.programs import program
from tests.published import followed

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands import Ended, Project

OLD = """
    start -> foreach shard in xs:10
    shard[memory=60000] -> pick
    join pick -> tidy
    tidy -> end
"""


def difference(
    old: str, new: str, before: Settings | None = None, after: Settings | None = None
) -> Difference:
    """The difference of two flows in the short spelling."""
    meanings = []
    for text, settings in ((old, before or Settings()), (new, after or Settings())):
        made = program(text, settings)
        meanings.append(meaning(made, settings, certify(made, settings, lowering=Lowering.STATIC)))
    return compare(*meanings)


DIFFERENCES = {
    "resources and retries": (
        OLD.replace("memory=60000", "memory=120000, cpu=4, retry=3, timeout=60"),
        """\
~ shard  cpu 1 → 4 · memory 60000 → 120000 MB · retry none → 3 × 2 min · timeout none → 1 min
peak 10 tasks (same) · vCPU 10 → 40 · memory 600 GB → 1.2 TB · at most 14 tasks
""",
    ),
    "a step more": (
        OLD.replace("join pick -> tidy", "join pick -> evaluate\n    evaluate[gpu=1] -> tidy"),
        """\
~ pick      next tidy → evaluate
+ evaluate  between pick and tidy · 1 cpu · 4096 MB · gpu 1
peak 10 tasks (same) · GPU 0 → 1 · at most 14 → 15 tasks
""",
    ),
    "a step less": (
        OLD.replace("join pick -> tidy", "join pick -> end").replace("    tidy -> end\n", ""),
        """\
~ pick  next tidy → end
- tidy  between pick and end · 1 cpu · 4096 MB
peak 10 tasks (same) · at most 14 → 13 tasks
""",
    ),
    "items": (
        OLD.replace("xs:10", "ys:12"),
        """\
~ start→shard  foreach over xs → ys · items 10 → 12
peak 10 → 12 tasks · vCPU 10 → 12 · memory 600 GB → 720 GB · at most 14 → 16 tasks
""",
    ),
}


@pytest.mark.parametrize(("new", "said"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_what_changed(new: str, said: str) -> None:
    assert render.text(difference(OLD, new)) == said


def test_settings_are_compared_too() -> None:
    found = difference(
        OLD, OLD, Settings(image="a:1"), Settings(image="a:2", max_num_splits=200, max_workers=4)
    )
    assert render.text(found).splitlines()[:2] == [
        "~ Flow         image a:1 → a:2 · limit of tasks at once 16 → 4",
        "~ start→shard  foreach limit 100 → 200",
    ]


def test_the_order_of_definitions_is_no_change() -> None:
    lines = OLD.strip("\n").split("\n")
    found = difference(OLD, "\n".join([lines[0], lines[2], lines[1], lines[3]]))
    assert (found.same, render.text(found)) == (True, "Flow: both mean the same\n")
    assert render.markdown(found) == "### `Flow`\n\nBoth mean the same.\n"


def test_markdown_for_a_pull_request() -> None:
    assert render.markdown(difference(OLD, OLD.replace("memory=60000", "memory=70000, gpu=1"))) == (
        "### `Flow`\n\n"
        "- changed `shard`: `memory 60000 → 70000 MB`, `gpu none → 1`\n\n"
        "peak 10 tasks (same) · memory 600 GB → 700 GB · GPU 0 → 10 · at most 14 tasks\n"
    )


PEAK = difference(OLD, OLD).old


@given(st.text(max_size=30))
def test_text_of_a_flow_is_no_markup(name: str) -> None:
    found = Difference("F", (Change("changed", name, "", (Word("image", name, name),)),), PEAK, PEAK)
    line = render.markdown(found).split("\n")[2]
    assert re.fullmatch("- changed `[^`]+`: `[^`]+`", line)


@pytest.mark.parametrize("new", [OLD, *(new for new, _ in DIFFERENCES.values())])
def test_the_document_follows_its_schema(new: str) -> None:
    followed("diff", render.document(difference(OLD, new)))


# --------------------------------------------------------------------------- the command
FLOW = """\
from flowc import FlowSpec, resources, step
from sizes import MEMORY


class Train(FlowSpec):
    @resources(memory=MEMORY)
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
"""


def git(project: Project, *words: str) -> None:
    who = ["-c", "user.name=n", "-c", "user.email=n@example.com"]
    subprocess.run(["git", *who, *words], cwd=project.folder, check=True, capture_output=True)


def test_a_file_since_a_revision(project: Project, run: Callable[..., Ended]) -> None:
    (project.folder / ".git").rmdir()
    project.write(flow=FLOW)
    project.write(sizes="MEMORY = 5000\n")
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "one")
    project.write(sizes="MEMORY = 6000\n")
    ended = run("diff", "--git", "HEAD", "flow.py")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[0] == "~ start  memory 5000 → 6000 MB"
    assert run("diff", "--git", "--output=x", "flow.py").err.startswith(
        "flowc: git knows no revision `--output=x`\n"
    )
    project.write(new=FLOW)
    assert run("diff", "--git", "HEAD", "new.py").err.startswith("flowc: there is no `new.py` at `HEAD`\n")


def test_two_files(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=FLOW.replace("from sizes import MEMORY", "MEMORY = 5000"))
    project.write(new=FLOW.replace("from sizes import MEMORY", "MEMORY = 5000  # so much"))
    assert run("diff", "flow.py", "new.py").out == "Train: both mean the same\n"
    assert run("diff", "flow.py").code == 2
    project.write(new="x = 1\n")
    ended = run("diff", "flow.py", "new.py")
    assert (ended.code, ended.out, "FC004" in ended.err) == (1, "", True)
