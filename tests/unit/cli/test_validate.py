"""`flowc validate`: which files it takes, what it prints, how it ends."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

from tests.commands import HELLO

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands import Ended, Project

GOOD = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: train}
spec:
  entrypoint: fit
  templates:
    - name: fit
      suspend: {}
"""
BAD = GOOD.replace("entrypoint: fit", "entrypoint: fitt").replace(
    "kind: Workflow\n", "kind: WorkflowTemplate\n"
)
WARNED = GOOD + "    - name: report\n      suspend: {}\n"
OTHER = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"


@pytest.mark.parametrize(
    ("text", "options", "code", "said"),
    [
        (GOOD, [], 0, "Validated 1 object: all is well.\n"),
        (BAD, [], 1, "Validated 1 object: 1 error.\n"),
        (WARNED, [], 0, "Validated 1 object: 1 warning.\n"),
        (WARNED, ["--strict"], 1, "Validated 1 object: 1 warning.\n"),
        (GOOD + "---\n" + OTHER, [], 0, "all is well. 1 object of kinds flowc does not know.\n"),
        (GOOD + "---\n" + OTHER, ["-v"], 0, "all is well. Passed over: Deployment.\n"),
        (GOOD, ["-q"], 0, ""),
    ],
)
def test_endings(
    project: Project, run: Callable[..., Ended], text: str, options: list[str], code: int, said: str
) -> None:
    project.put("a.yaml", text)
    ended = run("validate", "a.yaml", *options)
    assert ended.code == code
    assert ended.out.endswith(said)
    assert ended.err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.yaml"], "there is no file or folder `missing.yaml`"),
        (["other.yaml"], "no manifest that flowc knows in `other.yaml`"),
        (["empty"], "no manifest that flowc knows in `empty`"),
        ([], "missing argument"),
    ],
)
def test_wrong_calls(project: Project, run: Callable[..., Ended], arguments: list[str], said: str) -> None:
    project.put("other.yaml", OTHER).put("empty/note.txt", "text")
    ended = run("validate", *arguments)
    assert ended.code == 2
    assert said in ended.err


def test_a_folder_is_judged_together(project: Project, run: Callable[..., Ended]) -> None:
    uses = GOOD.replace(
        "suspend: {}", "steps:\n        - - name: a\n            templateRef: {name: shared, template: fitt}"
    )
    shared = GOOD.replace("kind: Workflow", "kind: WorkflowTemplate").replace("name: train", "name: shared")
    project.put("b/uses.yaml", uses).put("b/shared.yml", shared).put("b/.hidden.yaml", BAD).put(
        "b/note.txt", "no"
    )
    ended = run("validate", "b", "--format", "concise", "-q")
    assert ended.out == (
        "b/uses.yaml:10:51: error[FC711] `shared` has no template `fitt`, which step `a` runs\n"
    )
    alone = run("validate", "b/uses.yaml", "-q")
    assert (alone.code, alone.out) == (0, "")


def test_standard_input_and_a_compiled_flow(
    project: Project, run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    for target in ("argo", "stepfunctions"):
        project.write(flow=HELLO)
        made = run("compile", "flow.py", "--target", target)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(made.out.encode())))
        ended = run("validate", "-", "--strict")
        assert (ended.code, ended.err) == (0, ""), ended.out


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_formats_for_machines(project: Project, run: Callable[..., Ended], form: str) -> None:
    project.put("a.yaml", BAD)
    ended = run("validate", "a.yaml", "--format", form)
    assert "FC711" in json.dumps(json.loads(ended.out))
    assert ended.err == "Validated 1 object: 1 error.\n"


def test_a_diagnostic_says_its_path_and_remedy(project: Project, run: Callable[..., Ended]) -> None:
    project.put("a.yaml", BAD)
    ended = run("validate", "a.yaml", "-q")
    assert ended.out == (
        "error[FC711]: there is no template `fitt`, which `entrypoint` names\n"
        " --> a.yaml:5:15\n"
        "  |\n"
        "5 |   entrypoint: fitt\n"
        "  |               ^^^^\n"
        "  |\n"
        "  = at `spec.entrypoint`\n"
        "  = help: did you mean `fit`?\n"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfea", "the file is not UTF-8 text: byte 0xff in line 1"),
        (b"a: \x80", "the file is not UTF-8 text"),
        (b"a: [", "the file is not valid YAML"),
        (b"\xef\xbb\xbf" + GOOD.encode().replace(b"\n", b"\r\n"), "all is well"),
        (GOOD.replace("train", "tr\u0430in").encode(), "`tr\u0430in` cannot be the name of a Workflow"),
    ],
)
def test_files_of_every_kind(project: Project, run: Callable[..., Ended], content: bytes, said: str) -> None:
    project.put("a.yaml", content)
    ended = run("validate", "a.yaml")
    assert said in ended.out
