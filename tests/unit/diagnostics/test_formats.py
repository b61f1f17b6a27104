"""The formats for machines: each against a shape that allows nothing it does not name."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Edit, Fix, Label, Sink
from flowc.diagnostics.render import FORMATS, Look, render
from flowc.source import SourceFile, Span

LOOK = Look(lambda file: file.path)


def closed(required: dict[str, Any], **optional: Any) -> dict[str, Any]:  # noqa: ANN401 - schemas
    properties = {**required, **optional}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [*required],
        "properties": properties,
    }


def several(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": 1}


# The part of SARIF 2.1.0 that we write, by its specification.
TEXT = closed({"text": {"type": "string", "minLength": 1}})
LEVEL = {"enum": ["none", "note", "warning", "error"]}
PLACE = {"type": "integer", "minimum": 1}
REGION = closed({"startLine": PLACE, "startColumn": PLACE, "endLine": PLACE, "endColumn": PLACE})
ARTIFACT = closed({"uri": {"type": "string", "pattern": "^[A-Za-z0-9._~/%-]+$"}})
PHYSICAL = closed({"artifactLocation": ARTIFACT, "region": REGION})
LOCATION = closed({"physicalLocation": PHYSICAL}, id={"type": "integer", "minimum": 0}, message=TEXT)
REPLACEMENT = closed(
    {"deletedRegion": REGION}, insertedContent={"type": "object", "properties": {"text": {"type": "string"}}}
)
CHANGE = closed({"artifactLocation": ARTIFACT, "replacements": several(REPLACEMENT)})
RESULT = closed(
    {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": LEVEL,
        "message": TEXT,
        "locations": several(LOCATION),
    },
    relatedLocations=several(LOCATION),
    fixes=several(closed({"description": TEXT, "artifactChanges": several(CHANGE)})),
)
RULE = closed(
    {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "shortDescription": TEXT,
        "help": TEXT,
        "defaultConfiguration": closed({"level": LEVEL}),
    }
)
DRIVER = closed({"name": {"const": "flowc"}, "rules": {"type": "array", "items": RULE}})
RUN = closed(
    {
        "tool": closed({"driver": DRIVER}),
        "columnKind": {"const": "unicodeCodePoints"},
        "results": {"type": "array", "items": RESULT},
    }
)
SARIF = closed({"$schema": {"type": "string"}, "version": {"const": "2.1.0"}, "runs": several(RUN)})


def some() -> Sink:
    one = SourceFile("a b/é%.py", "x = é\nself.next(self.b)\n")
    two = SourceFile("two.py", "y = 1\n")
    sink = Sink()
    sink.report(
        catalog.UNKNOWN_STEP,
        Label(Span(one, 6, 15), "here"),
        "`b` is 50% a step,\nor: not",
        secondary=[Label(Span(two, 0, 1), "there"), Label(Span(one, 0, 16))],
        notes=["a note"],
        helps=["a help"],
        fix=Fix("mend", (Edit(Span(two, 0, 1), "z"), Edit(Span(one, 0, 0), "import z\n"))),
    )
    sink.report(catalog.FLOATING_IMAGE, Span(two, 0, 5), "floats")
    sink.report(catalog.INTERNAL_ERROR, Span(SourceFile("empty.py", ""), 0, 0), "no place")
    return sink


def test_sarif() -> None:
    for found in ([], list(some())):
        document = json.loads(render("sarif", found, LOOK))
        jsonschema.Draft202012Validator(SARIF).validate(document)
    run = document["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rules[r["ruleIndex"]]["id"] for r in run["results"]] == [r["ruleId"] for r in run["results"]]
    uris = {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in run["results"]}
    assert {unquote(uri) for uri in uris} == {"a b/é%.py", "two.py", "empty.py"}


def test_concise() -> None:
    assert render("concise", list(some()), LOOK) == (
        "a b/é%.py:2:1: error[FC203] `b` is 50% a step,␊or: not\n"
        "empty.py:1:1: error[FC901] no place\n"
        "two.py:1:1: warning[FC503] floats\n"
    )


def test_github() -> None:
    lines = render("github", list(some()), LOOK).splitlines()
    assert lines[0] == (
        "::error file=a b/é%25.py,line=2,endLine=2,title=FC203 unknown-step,col=1,endColumn=10::"
        "`b` is 50%25 a step,%0Aor: not%0Aa note%0Ahelp: a help"
    )
    assert (
        lines[2]
        == "::warning file=two.py,line=1,endLine=1,title=FC503 floating-image,col=1,endColumn=6::floats"
    )


@given(st.text(max_size=60), st.integers(0, 60), st.integers(0, 60), st.text(max_size=10))
def test_every_format_takes_every_text_and_place(text: str, a: int, b: int, message: str) -> None:
    file = SourceFile("f.py", text.replace("\r", ""))
    start, end = sorted(min(x, len(file.text)) for x in (a, b))
    sink = Sink()
    sink.report(catalog.UNKNOWN_STEP, Label(Span(file, start, end), message), message)
    for form in FORMATS:
        shown = render(form, list(sink), LOOK)
        assert shown.endswith("\n")
        if form == "text":
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
        if form in {"concise", "github"}:
            assert shown.count("\n") == 1
