"""The commands as a user calls them: wrong calls, wrong files, and what is not `check` or `compile`."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from flowc.cli.group import COMMANDS, flowc
from tests.commands import BROKEN, HELLO, TWO

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands import Ended, Project


# ---------------------------------------------------------------------------------- wrong calls
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chekc"], "there is no command `chekc`; did you mean `flowc check`?"),
        (["flow.py"], "`flow.py` is no command; did you mean `flowc check flow.py`?"),
        (["compile", "missing.py", "-t", "argo"], "there is no file `missing.py`"),
        (["compile", ".", "-t", "argo"], "`.` is a folder; give one flow file (`flowc check .` takes folders)"),
        (["compile", "flow.py"], "choose a target: `--target argo` or `--target stepfunctions`"),
        (["compile", "flow.py", "-t", "airflow"], "invalid value for '-t' / '--target'"),
        (["compile", "flow.py", "-t", "argo", "--check"], "`--check` compares with the files of `-o`"),
        (["compile", "flow.py", "-t", "argo", "--max-workers", "0"], "`--max-workers` takes a whole number of at least 1"),
        (["compile", "flow.py", "-t", "argo", "--set", "imag=x"], "there is no such setting; did you mean `image`?"),
        (["compile", "flow.py", "-t", "argo", "--set", "image"], "`--set image` needs a value"),
        (["compile", "flow.py", "-t", "argo", "--env", "prod"], "there is no profile `prod`"),
        (["compile", "flow.py", "-t", "argo", "-o", "flow.py"], "`flow.py` is a file; `-o` takes a folder"),
        (["check", "missing"], "there is no file or folder `missing`"),
        (["check", "empty"], "no flow found in `empty`"),
        (["check", "-", "flow.py"], "`-` is checked alone"),
        (["ir", "missing.py"], "there is no file `missing.py`"),
        (["graph", "missing.py"], "there is no file `missing.py`"),
        (["explain", "FC9999"], "there is no diagnostic `FC9999`"),
        (["explain", "no-strat"], "did you mean `no-start`?"),
        (["completion", "tcsh"], "'tcsh' is not one of 'bash', 'zsh', 'fish'"),
    ],
)  # fmt: skip
def test_a_wrong_call_says_what_is_wrong(
    project: Project, run: Callable[..., Ended], arguments: list[str], message: str
) -> None:
    project.write(flow=HELLO)
    (project.folder / "empty").mkdir()
    ended = run(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert "Traceback" not in ended.err


# ---------------------------------------------------------------------------------- wrong files
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"x = (", "FC001"),
        (b"\xff\xfe\x00", "FC002"),
        (b"# coding: klingon\n", "FC002"),
        (b"x = 1\n", "FC004"),
        (b"", "FC004"),
        (TWO.encode(), "FC005"),
        (b"x = 1\0", "FC001"),
        (b"(" * 9000, "FC00"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_a_diagnostic(
    project: Project, run: Callable[..., Ended], content: bytes, code: str
) -> None:
    project.put("flow.py", content)
    for command in (["compile", "flow.py", "-t", "argo"], ["ir", "flow.py"], ["graph", "flow.py"]):
        ended = run(*command)
        assert (ended.code, ended.out) == (1, "")
        assert f"error[{code}" in ended.err
    if code != "FC005":  # `check` takes every flow of a file
        assert run("check", "flow.py").code == 1


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=HELLO)
    (project.folder / "flow.py").chmod(0)
    assert "FC002" in run("compile", "flow.py", "-t", "argo").err


def test_a_flow_is_chosen_by_name(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=TWO)
    assert run("ir", "flow.py", "--flow", "Other").out.startswith("flow Other")
    ended = run("ir", "flow.py", "--flow", "Othr")
    assert (ended.code, "did you mean `Other`?" in ended.err) == (1, True)


# ---------------------------------------------------------------------------------- other commands
def test_ir_and_graph(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=HELLO)
    assert run("ir", "flow.py").out.startswith("flow Hello  # flow.py\n")
    assert run("graph", "flow.py").out.startswith("flowchart TD\n")
    assert run("graph", "flow.py", "--format", "dot").out.startswith("digraph flow {\n")
    assert json.loads(run("graph", "flow.py", "--format", "json").out)["flow"] == "Hello"


def test_explain_lists_and_shows(project: Project, run: Callable[..., Ended]) -> None:
    project.write()
    assert "  FC402  error    lost-at-join" in run("explain").out
    pages = {run("explain", word).out for word in ("FC501", "fc501", "501", "unknown-setting", "[FC501]")}
    assert len(pages) == 1
    assert pages.pop().startswith("# FC501: unknown-setting\n")
    assert json.loads(run("explain", "FC501", "--json").out)["severity"] == "error"


def test_every_command_has_help_with_examples() -> None:
    for name in COMMANDS:
        shown = CliRunner().invoke(flowc, [name, "--help"])
        assert shown.exit_code == 0
        assert f"flowc {name}" in shown.output, name
    assert CliRunner().invoke(flowc, ["--version"]).output == "flowc 0.1.0\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(run: Callable[..., Ended], shell: str) -> None:
    assert "_FLOWC_COMPLETE" in run("completion", shell).out


def test_a_bug_of_flowc_is_a_diagnostic_and_spares_the_other_files(
    project: Project, run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("one\ntwo")

    project.write(bad=HELLO, good=BROKEN)
    monkeypatch.delenv("FLOWC_DEBUG")
    monkeypatch.setattr("flowc.compiler.wire", fail)
    for command in (["compile", "bad.py", "-t", "argo"], ["ir", "bad.py"]):
        ended = run(*command)
        assert ended.code == 1
        assert "error[FC901]: flowc failed in `compiler:" in ended.err
        assert "with ZeroDivisionError: one" in ended.err
    ended = run("check")
    assert ("FC901" in ended.out, "FC203" in ended.out, ended.code) == (True, True, 1)


def test_a_bug_outside_of_any_file(run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLOWC_DEBUG")
    monkeypatch.setattr("flowc.cli.explain.find_rule", lambda _: 1 / 0)
    ended = run("explain", "FC001")
    assert (ended.code, "error[FC901]" in ended.err, "Traceback" in ended.err) == (2, True, False)


def test_image_holds_the_files_that_the_flow_reads(project: Project, run: Callable[..., Ended]) -> None:
    flow = HELLO.replace("import FlowSpec", "import IncludeFile, FlowSpec").replace(
        "    @step", "    table = IncludeFile('table', default='table.csv')\n\n    @step", 1
    )
    project.put("flow.py", flow).put("table.csv", "1,2\n")
    assert 'COPY ["table.csv", "/app/table.csv"]' in run("image", "flow.py").out
