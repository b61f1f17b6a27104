"""The commands as a user calls them: what goes where, and how each call ends."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from click.testing import CliRunner

from flowc.cli import main
from flowc.cli.group import COMMANDS, flowc
from tests.compiling import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HELLO = """\
from flowc import FlowSpec, step


class Hello(FlowSpec):
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
"""
TWO = HELLO + "\n\n" + HELLO.replace("Hello", "Other").partition("\n\n\n")[2]
BROKEN = HELLO.replace("self.end)", "self.done)")
WARNED = HELLO.replace("    @step\n    def end", "    @unknown\n    @step\n    def end").replace(
    "import FlowSpec", "import FlowSpec"
)


class Ended(NamedTuple):
    code: int
    out: str
    err: str


class Project:
    """A folder with files, in which commands are run."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        monkeypatch.chdir(folder)
        monkeypatch.setenv("FLOWC_DEBUG", "1")

    def write(self, **files: str) -> Project:
        for name, text in files.items():
            self.put(f"{name}.py", text)
        return self

    def put(self, name: str, text: str | bytes) -> Project:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return self

    def run(self, *arguments: str, capsys: pytest.CaptureFixture[str]) -> Ended:
        code = main(list(arguments))
        out, err = capsys.readouterr()
        return Ended(code, out, err)

    def files(self, folder: str) -> list[str]:
        return sorted(os.listdir(self.folder / folder))


Run = "Callable[..., Ended]"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    (tmp_path / ".git").mkdir()
    return Project(tmp_path, monkeypatch)


@pytest.fixture
def run(project: Project, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    return lambda *arguments: project.run(*arguments, capsys=capsys)


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


# ---------------------------------------------------------------------------------- check
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


def test_check_takes_every_flow_of_a_file(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=TWO)
    assert "Checked 2 flows" in run("check", "flow.py").out
    assert "Checked 1 flow " in run("check", "flow.py", "--flow", "Other").out


def test_check_walks_folders_in_order_and_passes_over_what_is_not_ours(
    project: Project, run: Callable[..., Ended]
) -> None:
    for name in ("b/two.py", "a/one.py", ".hidden/x.py", "env/lib/x.py", "a/__pycache__/x.py"):
        project.put(name, BROKEN)
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
    project.write(base=base, own=f"from base import Base\nfrom flowc import step\n\n\nclass Own(Base):\n{own}")
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


def test_stdin(run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    monkeypatch.setattr(sys, "stdin", io.StringIO(BROKEN))
    ended = run("check", "-", "--stdin-filename", "flows/flow.py", "--format", "concise", "-q")
    assert ended.out.startswith("flows/flow.py:7:")


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


# ---------------------------------------------------------------------------------- compile
def test_compile_writes_a_stream(project: Project, run: Callable[..., Ended]) -> None:
    project.write(flow=HELLO)
    assert run("compile", "flow.py", "-t", "argo").out.startswith("# Made by flowc from flow.py")
    assert json.loads(run("compile", "flow.py", "-t", "stepfunctions").out)["QueryLanguage"] == "JSONata"


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


# ---------------------------------------------------------------------------------- the rest
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


# ---------------------------------------------------------------------------------- processes
def spawn(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flowc", *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": ROOT, **env},
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def test_a_reader_that_leaves_is_no_error(project: Project) -> None:
    project.write(flow=HELLO)
    line = f"{sys.executable} -m flowc explain | head -1; echo ${{PIPESTATUS[0]}}"
    ran = subprocess.run(
        ["bash", "-c", line],
        env={**os.environ, "PYTHONPATH": ROOT},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stderr == ""
    assert ran.stdout.splitlines()[0] == "The source text:"
    assert ran.stdout.splitlines()[1] in {"0", "141"}  # whether the pipe was full when the reader left


def test_exit_codes_of_a_process(project: Project) -> None:
    project.write(flow=HELLO, broken=BROKEN)
    assert [
        spawn(*a).returncode for a in (["check", "flow.py"], ["check", "broken.py"], ["check", "none.py"])
    ] == [0, 1, 2]


def test_colour_follows_the_environment(project: Project) -> None:
    project.write(flow=BROKEN)
    assert "\x1b[" not in spawn("check", "flow.py").stdout
    assert "\x1b[1;31merror" in spawn("check", "flow.py", FORCE_COLOR="1").stdout
    assert "\x1b[" not in spawn("check", "flow.py", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_an_ascii_terminal_gets_escapes(project: Project) -> None:
    project.put("flow.py", BROKEN.replace("done", "größe"))
    ran = spawn("check", "flow.py", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert "gr\\xf6\\xdfe" in ran.stdout
    assert ran.stderr == ""
