"""`flowc compile`: streams, bundles and their folders, staleness."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from tests.commands import HELLO, TWO, Ended

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands import Project


def test_compile_writes_a_stream(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=HELLO)
    assert run("compile", "flow.py", "-t", "argo").out.startswith("# Made by flowc from flow.py")
    assert json.loads(run("compile", "flow.py", "-t", "stepfunctions").out)["QueryLanguage"] == "JSONata"


def test_one_target_at_a_time(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=HELLO)
    ended = run("compile", "flow.py", "-t", "argo", "-t", "stepfunctions")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("flowc: one target at a time, not both `argo` and `stepfunctions`\n")
    assert run("compile", "flow.py", "-t", "argo", "-t", "argo").code == 0


@pytest.mark.parametrize("target", ["argo", "stepfunctions"])
def test_a_bundle_is_written_kept_and_checked(
    project: Project, run: Callable[..., Ended], target: str
) -> None:
    project.write(flow=HELLO).put("out/README.md", "mine")
    ended = run("compile", "flow.py", "-t", target, "-o", "out")
    assert (ended.code, ended.out) == (0, "")
    first = project.files("out")
    times = {name: (project.folder / "out" / name).stat().st_mtime_ns for name in first}
    assert run("compile", "flow.py", "-t", target, "-o", "out", "--check") == Ended(0, "", "")
    run("compile", "flow.py", "-t", target, "-o", "out", "-q")
    assert times == {
        name: (project.folder / "out" / name).stat().st_mtime_ns for name in project.files("out")
    }
    # Other code: the archive's name changes, its predecessor goes, and nothing else does.
    project.write(flow=HELLO.replace("pass", "print()"))
    stale = run("compile", "flow.py", "-t", target, "-o", "out", "--check")
    assert stale.code == 1
    assert stale.out.endswith(f"run `flowc compile flow.py -t {target} -o out`\n")
    assert first == project.files("out")
    assert "of an older bundle" in run("compile", "flow.py", "-t", target, "-o", "out").err
    later = project.files("out")
    assert len(later) == len(first)
    assert [name for name in first if "code-" not in name] == [name for name in later if "code-" not in name]
    assert run("compile", "flow.py", "-t", target, "-o", "out", "--check").code == 0


def test_flows_share_a_folder_on_argo(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=TWO)
    compiles = [
        ["compile", "flow.py", "-t", "argo", "-o", "out", "--flow", name] for name in ("Hello", "Other")
    ]
    assert [run(*c).code for c in compiles] == [0, 0]
    listed = (project.folder / "out" / "kustomization.yaml").read_text()
    assert "hello.yaml" in listed
    assert "other.yaml" in listed
    assert [run(*c, "--check").code for c in compiles] == [0, 0]
    assert [run(*c).code for c in compiles] == [0, 0]
    assert (project.folder / "out" / "kustomization.yaml").read_text() == listed


def test_a_folder_of_another_flow_is_refused_where_names_meet(
    project: Project, run: Callable[..., Ended]
) -> None:
    project.write(flow=TWO)
    compiles = [
        ["compile", "flow.py", "-t", "stepfunctions", "-o", "out", "--flow", f] for f in ("Hello", "Other")
    ]
    assert run(*compiles[0]).code == 0
    ended = run(*compiles[1])
    assert (ended.code, "belongs to the stepfunctions bundle of `Hello`" in ended.err) == (2, True)


def test_a_stream_goes_into_a_file(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=HELLO)
    run("compile", "flow.py", "-t", "argo", "-o", "deploy/hello.yaml")
    assert project.files("deploy") == ["hello.yaml"]
    assert run("compile", "flow.py", "-t", "argo", "-o", "deploy/hello.yaml", "--check").code == 0


def test_staleness_is_told_in_words(project: Project, run: Callable[..., Ended]) -> None:
    text = HELLO.replace("import FlowSpec", "import resources, FlowSpec").replace(
        "    @step\n    def end", "    @resources(memory=60000)\n    @step\n    def end"
    )
    project.write(flow=text)
    run("compile", "flow.py", "-t", "argo", "-o", "out", "--code", "image")
    project.write(flow=text.replace("60000", "120000"))
    ended = run("compile", "flow.py", "-t", "argo", "-o", "out", "--code", "image", "--check")
    assert "`end` asks for 120000 MB (committed: 60000 MB), from flow.py:9" in ended.out


def test_a_record_edited_by_hand_removes_nothing_outside(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=HELLO).put("precious.txt", "x")
    project.put("out/.flowc-bundle", "argo Hello ../precious.txt\nargo Hello /etc/hosts\nnonsense\n")
    assert run("compile", "flow.py", "-t", "argo", "-o", "out").code == 0
    assert (project.folder / "precious.txt").exists()


def test_output_is_the_same_from_any_folder(project: Project, run: Callable[..., Ended]) -> None:
    project.put("flows/flow.py", HELLO).put("flows/sub/x", "")
    here = run("compile", "flows/flow.py", "-t", "argo").out
    os.chdir(project.folder / "flows" / "sub")
    assert run("compile", "../flow.py", "-t", "argo").out == here
    assert run("compile", str(project.folder / "flows" / "flow.py"), "-t", "argo").out == here


def test_diagnostics_go_to_standard_error(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=HELLO)
    ended = run("compile", "flow.py", "-t", "argo", "--image", "x")
    assert (ended.code, ended.out[:9], ended.err[:15]) == (0, "# Made by", "warning[FC503]:")


def test_a_decorator_of_the_command_line_is_as_one_of_the_source(
    project: Project, run: Callable[..., Ended]
) -> None:
    timed = HELLO.replace("    @step\n", "    @timeout(minutes=2)\n    @step\n").replace(
        "step\n", "step, timeout\n", 1
    )
    project.write(flow=HELLO, timed=timed)
    for target in ("argo", "stepfunctions"):
        attached = run(
            "compile", "flow.py", "-t", target, "--code", "image", "--with", "timeout:minutes=2"
        ).out
        written = run("compile", "timed.py", "-t", target, "--code", "image").out
        assert attached == written.replace("timed.py", "flow.py")
        assert attached != run("compile", "flow.py", "-t", target, "--code", "image").out
    assert run("compile", "flow.py", "-t", "argo", "--with", "timeout:minute=2").code == 1
