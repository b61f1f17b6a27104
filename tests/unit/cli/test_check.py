"""`flowc check`: what is judged, what is said, and how it ends."""

from __future__ import annotations

import json
import os
import stat
import sys
from typing import TYPE_CHECKING

from tests.commands import BROKEN, HELLO, TWO, Ended
from tests.published import followed

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.commands import Project


def test_check_counts_and_explains(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=BROKEN)
    ended = run("check", "flow.py")
    assert ended.code == 1
    assert ended.out.startswith("error[FC203]: ")
    assert ended.out.splitlines()[-1].startswith("Checked 1 flow in ")
    assert ended.out.endswith("1 error (flowc explain FC203).\n")


def test_check_of_a_clean_flow(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=HELLO)
    ended = run("check", "flow.py")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("Checked 1 flow in ")
    assert ended.out.endswith(" s: all is well.\n")
    assert run("check", "flow.py", "--quiet").out == ""


def test_a_schedule_that_means_nothing_is_an_error_without_a_target(
    project: Project, run: Callable[..., Ended]
) -> None:
    scheduled = HELLO.replace("class ", '@schedule(cron="0 25 * * *")\nclass ', 1)
    project.write(flow="from flowc import schedule\n" + scheduled)
    ended = run("check", "flow.py", "--format", "concise", "-q")
    assert ended.code == 1
    assert [line.partition(": ")[2] for line in ended.out.splitlines() if "FC507" in line] == [
        "error[FC507] `0 25 * * *` is no schedule: `25` is no hour: 0 to 23"
    ]


def test_check_takes_every_flow_of_a_file(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=TWO)
    assert "Checked 2 flows" in run("check", "flow.py").out
    assert "Checked 1 flow " in run("check", "flow.py", "--flow", "Other").out


def test_check_walks_folders_in_order_and_passes_over_what_is_not_ours(
    project: Project, run: Callable[..., Ended]
) -> None:
    for name in ("b/two.py", "a/one.py", ".hidden/x.py", "env/lib/x.py", "a/__pycache__/x.py"):
        project.put(name, BROKEN)
    os.mkfifo(project.folder / "a/pipe.py")
    os.symlink("nowhere", project.folder / "a/link.py")
    project.put("a/helpers.py", "def f():\n    return 1\n").put("env/pyvenv.cfg", "").put(
        "a/notes.txt", BROKEN
    )
    ended = run("check", "--format", "concise", "-q")
    assert [line.partition(":")[0] for line in ended.out.splitlines()] == ["a/one.py", "b/two.py"]


def test_a_base_is_judged_as_part_of_the_flow_that_extends_it(
    project: Project, run: Callable[..., Ended]
) -> None:
    base = HELLO.replace("Hello", "Base").replace("self.end)", "self.work)")
    own = "    @step\n    def work(self):\n        self.next(self.end)\n"
    project.write(
        base=base, own=f"from base import Base\nfrom flowc import step\n\n\nclass Own(Base):\n{own}"
    )
    assert run("check", ".").out.startswith("Checked 1 flow in ")
    assert "FC203" in run("check", "base.py").out, "a file that is named is judged by itself"


def test_files_of_two_projects_keep_their_own_diagnostics(
    project: Project, run: Callable[..., Ended]
) -> None:
    for name in ("one", "two"):
        project.put(f"{name}/flow.py", BROKEN).put(f"{name}/flowc.toml", "")
    lines = run("check", "--format", "concise", "-q").out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["one/flow.py", "two/flow.py"]


def test_strict_fails_on_a_warning(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=HELLO.replace("self.next(self.end)", "self.next(self.end)  # flowc: ignore[FC401]"))
    assert run("check", "flow.py").code == 0
    assert run("check", "flow.py", "--strict").code == 1


def test_an_ignored_error_compiles_but_one_that_leaves_nothing_does_not(
    project: Project, run: Callable[..., Ended]
) -> None:
    reads = HELLO.replace("        pass", "        print(self.lost)  # flowc: ignore[FC401]")
    project.write(flow=reads, broken=BROKEN.replace("self.done)", "self.done)  # flowc: ignore[FC203]"))
    assert run("check", "flow.py").code == 0
    assert run("compile", "flow.py", "-t", "argo").code == 0
    for command in (["check", "broken.py"], ["compile", "broken.py", "-t", "argo"]):
        ended = run(*command)
        assert (ended.code, "FC203" in ended.out + ended.err) == (1, True)


def test_target_rules_warn_until_a_target_is_chosen(project: Project, run: Callable[..., Ended]) -> None:
    text = HELLO.replace("import FlowSpec", "import kubernetes, FlowSpec").replace(
        "    @step\n    def end", "    @kubernetes\n    @step\n    def end"
    )
    project.write(flow=text)
    assert "warning[FC601]" in run("check", "flow.py").out
    assert "error[FC601]" in run("check", "flow.py", "-t", "stepfunctions").out
    assert run("check", "flow.py", "-t", "argo").code == 0
    project.put("flowc.toml", 'targets = ["stepfunctions"]')
    assert run("check", "flow.py").code == 1


def test_an_unfinished_analysis_does_not_call_a_comment_unused(
    project: Project, run: Callable[..., Ended]
) -> None:
    project.write(flow=BROKEN.replace("        pass", "        print(self.x)  # flowc: ignore[FC401]"))
    assert "FC007" not in run("check", "flow.py").out


def test_a_flow_that_is_too_big_is_found_by_check(project: Project, run: Callable[..., Ended]) -> None:
    steps = "".join(
        f"    @step\n    def s{i}(self):\n        self.next(self.s{i + 1})\n\n" for i in range(3000)
    )
    text = HELLO.replace("self.next(self.end)", "self.next(self.s0)")
    text = text.replace(
        "    @step\n    def end", steps.replace("self.s3000", "self.end") + "    @step\n    def end"
    )
    project.write(flow=text)
    assert "error[FC605]" in run("check", "flow.py", "-t", "stepfunctions").out


def test_machine_formats_write_their_document_alone(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=HELLO)
    for form in ("json", "sarif"):
        ended = run("check", "flow.py", "--format", form)
        assert json.loads(ended.out)
        assert ended.err.startswith("Checked 1 flow")
    assert run("check", "flow.py", "--format", "github", "-q") == Ended(0, "", "")


def test_stats(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=HELLO)
    assert run("check", "flow.py", "--stats", "-q", "-t", "argo").out == (
        "Hello (flow.py): 2 steps\n"
        "  argo:          peak 1 task, 1 vCPU, 4.1 GB (start) · 2 tasks in all · run-wide limit 16\n"
    )


def test_stats_for_a_machine_are_those_of_the_manifest(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=HELLO)
    ended = run("check", "flow.py", "--stats", "--format", "json", "-q", "-t", "argo")
    document = followed("diagnostics", ended.out)
    assert document["stats"] == [
        {
            "flow": "Hello",
            "path": "flow.py",
            "steps": 2,
            "max_workers": 16,
            "targets": {
                "argo": {
                    "peak_tasks": 1,
                    "peak_cpu_millis": 1000,
                    "peak_memory_mb": 4096,
                    "peak_gpu": 0,
                    "total_tasks": 2,
                    "total_is_bound": False,
                    "heaviest": "start",
                }
            },
        }
    ]
    manifest = run("compile", "flow.py", "--target", "argo").out
    for line in ('peak-tasks: "1"', 'peak-cpu: "1000m"', 'peak-memory: "4096M"', 'total-tasks: "2"'):
        assert f"flowc.dev/{line}\n" in manifest
    assert json.loads(run("check", "flow.py", "--stats", "--format", "sarif", "-q").out)


def test_stdin(run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    for text in (BROKEN, "\ufeff" + BROKEN.replace("\n", "\r\n")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode()), "ascii"))
        ended = run("check", "-", "--stdin-filename", "flows/flow.py", "--format", "concise", "-q")
        assert ended.out.startswith("flows/flow.py:7:")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"# \xe9")))
    ended = run("check", "-")
    assert ended.code == 2
    assert ended.err.startswith("flowc: standard input cannot be read: invalid or missing encoding")


def test_fix_mends_files_and_keeps_their_encoding(project: Project, run: Callable[..., Ended]) -> None:
    text = HELLO.replace("self.next(self.end)", "self.next(self.end)  # é # flowc: ignore[FC401]")
    project.put("flow.py", ("# coding: latin-1\n" + text).replace("\n", "\r\n").encode("latin-1"))
    (project.folder / "flow.py").chmod(0o755)
    ended = run("check", "flow.py", "--fix")
    assert "fixed 1 fault, all is well" in ended.out
    mended = ("# coding: latin-1\n" + HELLO).replace("self.end)\n", "self.end)  # é\n").replace("\n", "\r\n")
    assert (project.folder / "flow.py").read_bytes() == mended.encode("latin-1")
    assert stat.S_IMODE((project.folder / "flow.py").stat().st_mode) == 0o755
    assert "fixed" not in run("check", "flow.py", "--fix").out
