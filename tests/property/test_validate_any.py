"""However broken a manifest is, `flowc validate` says what is wrong in it, each with a place and a remedy."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from flowc.diagnostics.model import Sink
from flowc.manifest.placed.read import read_manifest
from flowc.source import SourceFile
from flowc.validate.manifests import validate_files
from tests.validate.one_mistake import cases

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Document, Path

_BASES: list[Document] = [
    document
    for case in cases()
    if not case.expected
    for document in read_manifest(SourceFile(case.file, case.text), Sink())
]
_ODD: list[Any] = [
    None, True, 0, -1, 1.5, 10**30, "", "text", "{{=", "{{item}}", "{% $ %}", "$", "${x}", "\ud800", [], {}, [[]], [None],
    {"": 1}, {"Ref": "x"}, {"Fn::Sub": ["a"]}, {"Fn::GetAtt": []}, {"a": {"b": [{}]}},
]  # fmt: skip
_KEYS = ["x", "Type", "name", "template", "States", "spec", "Next.$"]


def _change(data: st.DataObject, value: Any, path: Path) -> None:  # noqa: ANN401 - any JSON
    """Remove, rename or replace what stands at a path, if it is still there."""
    holder = value
    for part in path[:-1]:
        is_there = (
            part in holder
            if isinstance(holder, dict)
            else isinstance(holder, list) and isinstance(part, int) and part < len(holder)
        )
        if not is_there:
            return
        holder = holder[part]
    last = path[-1]
    if not isinstance(holder, dict) or last not in holder:
        return
    way = data.draw(st.sampled_from(["remove", "rename", "replace"]))
    taken = holder.pop(last)
    if way != "remove":
        holder[data.draw(st.sampled_from(_KEYS)) if way == "rename" else last] = (
            taken if way == "rename" else data.draw(st.sampled_from(_ODD))
        )


@given(st.data())
def test_a_broken_manifest_is_judged(data: st.DataObject) -> None:
    base = data.draw(st.sampled_from(_BASES))
    value = copy.deepcopy(base.value)
    for path in data.draw(
        st.lists(st.sampled_from([path for path in base.places if path]), min_size=1, max_size=4)
    ):
        _change(data, value, path)
    file = SourceFile("a.json", json.dumps(value, indent=1))
    sink = Sink()
    validate_files([file], sink)
    for found in sink:
        span = found.primary.span
        assert 0 <= span.start <= span.end <= len(file.text)
        assert found.message
        assert found.helps
