"""A new project passes what its own CI does, wherever it is made."""

from __future__ import annotations

import shlex
import tomllib
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flowc.cli.init import project_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands import Ended, Project


@pytest.mark.parametrize("targets", [(), ("argo",), ("stepfunctions",)])
def test_a_new_project_passes_its_own_ci(
    project: Project, run: Callable[..., Ended], targets: tuple[str, ...]
) -> None:
    assert run("init", *(word for target in targets for word in ("--target", target))).code == 0
    workflow = yaml.safe_load((project.folder / ".github/workflows/flows.yml").read_text())
    steps = [step["run"] for step in workflow["jobs"]["check"]["steps"] if "run" in step]
    commands = [shlex.split(step.partition(" > ")[0])[1:] for step in steps if step.startswith("flowc ")]
    ended = [run(*words) for words in commands]
    assert [(done.code, done.err) for done in ended[:-1] if done.code] == []
    assert sum(words[0] == "compile" for words in commands) == (len(targets) or 2)
    assert ended[-1].code == 0
    assert "the sum of the squares is 5" in ended[-1].out + ended[-1].err


def test_nothing_is_overwritten(project: Project, run: Callable[..., Ended]) -> None:
    project.put("new/README.md", "mine")
    ended = run("init", "new")
    assert (ended.code, ended.err.splitlines()[0]) == (
        2,
        "flowc: `new/README.md` is there already; `flowc init` begins a new project",
    )
    assert project.files("new") == ["README.md"]


def test_a_file_is_no_folder_for_a_project(project: Project, run: Callable[..., Ended]) -> None:
    project.put("new", "a file")
    ended = run("init", "new")
    assert ended.code == 2
    assert ended.err.startswith("flowc: `new` is no folder; give one, or a name for a new one\n")


@given(st.text(max_size=20))
def test_any_folder_gives_a_project_a_name(folder: str) -> None:
    files = project_files(folder, ("argo",))
    name = tomllib.loads(files["pyproject.toml"])["project"]["name"]
    assert name.replace("-", "a").isalnum()
    assert name.isascii()
