"""The pages of the diagnostics are true: each example is checked and reports exactly what it marks."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from flowc.cli.group import flowc
from flowc.diagnostics.catalog import RULES
from tests.docs.pages import Expected, Project, codes_with_pages, parse_page, read_page

if TYPE_CHECKING:
    from pathlib import Path

# Rules that no example of a page can show, and why; each has its own unit test.
UNSHOWN = {
    "FC002": "needs a file that is no text",
    "FC003": "depends on the Python that runs the test",
    "FC005": "is no fault for `flowc check`, which judges every flow of a file",
    "FC608": "needs 500 parameters",
    "FC613": "needs more code than a page holds",
    "FC709": "needs more of a manifest than a page holds",
    "FC901": "is a bug of flowc",
}

_CASES = [
    (code, project) for code in codes_with_pages() for project in read_page(code).projects if project.files
]


def report(project: Project, folder: Path) -> list[Expected]:
    """What `flowc check`, or of manifests `flowc validate`, says of a project, with whole messages."""
    for name, text in project.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    before = os.getcwd()
    os.chdir(folder)
    try:
        command = ["check", "flow.py"] if "flow.py" in project.files else ["validate", "."]
        result = CliRunner().invoke(flowc, [*command, "--format", "json", "-q", *project.options])
    finally:
        os.chdir(before)
    assert result.stdout, result.output + repr(result.exception)
    return sorted(
        Expected(d["path"], d["start"]["line"], d["severity"], d["code"], d["message"])
        for d in json.loads(result.stdout)["diagnostics"]
    )


@pytest.mark.parametrize(
    "project",
    [p for _, p in _CASES],
    ids=[f"{code}-{p.title.lower().replace(' ', '-')}" for code, p in _CASES],
)
def test_example(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("FLOWC_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLOWC_DEBUG", "1")
    (tmp_path / ".git").mkdir()
    got = report(project, tmp_path)
    assert [g[:4] for g in got] == [e[:4] for e in project.expected], "\n".join(map(str, got))
    wrong = [(g.part, e.part) for g, e in zip(got, project.expected, strict=True) if e.part not in g.part]
    assert not wrong


@pytest.mark.parametrize("code", codes_with_pages())
def test_page(code: str) -> None:
    page = read_page(code)
    assert code in RULES, "the page of a rule that is not in the catalogue"
    assert page.head == f"# {code}: {RULES[code].name}"
    if code not in UNSHOWN:
        assert any(e.code == code for project in page.projects for e in project.expected), (
            "no example reports it"
        )
        assert any(project.title.startswith("Repaired") for project in page.projects), "no repaired example"


def test_every_rule_has_a_page() -> None:
    assert sorted(set(RULES) - set(codes_with_pages())) == []


def test_pages_are_read_as_written() -> None:
    text = """\
# FC001: syntax-error

Why.

## Example

Options: `--target argo --strict`

```python
a = 1  # error: FC001 one thing # warning: FC002 another
```

```python file=b/c.py
x  # error: FC003
```

## Repaired

```python
a = 2
```
"""
    example, repaired = parse_page("FC001", text).projects
    assert example.options == repaired.options == ["--target", "argo", "--strict"]
    assert example.expected == [
        ("b/c.py", 1, "error", "FC003", ""),
        ("flow.py", 1, "error", "FC001", "one thing"),
        ("flow.py", 1, "warning", "FC002", "another"),
    ]
    assert repaired.files == {"flow.py": "a = 2\n", "b/c.py": "x  \n"}
    assert repaired.expected == []
