"""The schemas of `flowc validate` are what their sources say, and mean to it what JSON Schema means."""

from __future__ import annotations

import copy
import json
import os
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.diagnostics.model import Sink
from flowc.manifest.placed.document import Document
from flowc.manifest.placed.read import read_manifest
from flowc.source import SourceFile
from flowc.validate.findings import Findings
from flowc.validate.shape import Reading, check_shape, load_definitions
from tests.validate.one_mistake import cases
from tests.validators.schemas import ROOT, written

pytestmark = pytest.mark.validators
_NAMES = ("argo", "cloudformation", "tasks")
_SHAPE = {"FC703", "FC704", "FC705"}


@pytest.mark.parametrize("name", _NAMES)
def test_schema_is_what_its_source_gives(name: str) -> None:
    made = written().get(f"{name}.schema.json")
    if made is None:
        pytest.skip(f"the source of {name}.schema.json is not installed")
    with open(os.path.join(ROOT, "schemas", f"{name}.schema.json"), encoding="utf-8") as stream:
        assert stream.read() == made, "run `python -m tests.validators.schemas`"


@pytest.mark.parametrize("name", [*_NAMES, "asl"])
def test_schema_is_one(name: str) -> None:
    with open(os.path.join(ROOT, "schemas", f"{name}.schema.json"), encoding="utf-8") as stream:
        jsonschema.Draft202012Validator.check_schema(json.load(stream))


def _kind(value: Any) -> tuple[str, str] | None:  # noqa: ANN401 - any JSON
    if isinstance(value, dict) and "States" in value:
        return "asl", "Machine"
    kind = value.get("kind") if isinstance(value, dict) else None
    return ("argo", kind) if isinstance(kind, str) and kind in load_definitions("argo") else None


def _agrees(document: Document, schema: str, name: str) -> bool:
    """Whether the walk finds a fault; it must be where a validator of JSON Schema finds one."""
    sink = Sink()
    check_shape(Findings(document, sink), schema, name, Reading(replaced=lambda _: False))
    own = any(d.rule.code in _SHAPE for d in sink)
    whole = {"$ref": f"#/$defs/{name}", "$defs": load_definitions(schema)}
    assert own != jsonschema.Draft202012Validator(whole).is_valid(document.value)
    return own


def _documents() -> list[tuple[Document, str, str]]:
    found = []
    for case in cases():
        for document in read_manifest(SourceFile(case.file, case.text), Sink()):
            kind = _kind(document.value)
            if kind is not None:
                found.append((document, *kind))
    return found


def test_shapes_are_judged_as_json_schema_does() -> None:
    judged = [_agrees(*each) for each in _documents()]
    assert len(judged) > 100
    assert 5 < sum(judged) < len(judged)


@given(st.data())
def test_broken_shapes_are_judged_as_json_schema_does(data: st.DataObject) -> None:
    """One field of a manifest without a mistake is renamed, removed or given any other value."""
    document, schema, name = data.draw(st.sampled_from(_CLEAN))
    value = copy.deepcopy(document.value)
    *above, last = data.draw(st.sampled_from([path for path in document.places if path]))
    holder: Any = value
    for part in above:
        holder = holder[part]
    change = data.draw(st.sampled_from(["rename", "remove", "replace"]))
    if change != "replace" and isinstance(last, str):
        taken = holder.pop(last)
        if change == "rename":
            holder[f"{last}x"] = taken
    else:
        holder[last] = data.draw(
            st.sampled_from([None, True, 0, -1, 1.5, "", "text", [], {}, [{}], {"a": 1}])
        )
    _agrees(Document(document.file, value, document.places), schema, name)


_CLEAN = [each for each in _documents() if not _agrees(*each)]
