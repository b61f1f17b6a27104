"""Decorators as text: `retry:times=2` into a name and its attributes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.frontend.decorators.decospec import BadDecospecError, parse_decospec

READ = [
    ("retry", {}),
    ("retry:", {}),
    ("retry:times=2,minutes_between_retries=0.5", {"times": 2, "minutes_between_retries": 0.5}),
    ("kubernetes:image=python:3.11,memory=4000", {"image": "python:3.11", "memory": 4000}),
    ("kubernetes:image=a,b", {"image": "a,b"}),
    ('kubernetes:image="1.0"', {"image": "1.0"}),
    ('environment:vars={"A": "b,c=d"}', {"vars": {"A": "b,c=d"}}),
    (r"environment:vars={\"A\": \"b\"}", {"vars": {"A": "b"}}),
    ('secrets:sources=["a", "b=c"], role=x', {"sources": ["a", "b=c"], "role": "x"}),
    ("kubernetes:use_tmpfs=true,image=", {"use_tmpfs": True, "image": ""}),
    ("kubernetes:node_selector=a=b,gpu=1", {"node_selector": "a=b", "gpu": 1}),
    ('catch:var={"a"', {"var": '{"a"'}),
]


@pytest.mark.parametrize(("text", "wanted"), READ)
def test_attributes(text: str, wanted: dict[str, object]) -> None:
    name, found = parse_decospec(text)
    assert (name, {g.name: g.value for g in found}) == (text.partition(":")[0], wanted)


FAULTS = [
    ("", "", "names no decorator"),
    (":times=1", ":times=1", "names no decorator"),
    ("retry:times", "times", "no `attribute=value`"),
    ("retry:=1", "=1", "no `attribute=value`"),
    ("retry:times=1,times=2", "times=2", "given twice"),
]


@pytest.mark.parametrize(("text", "marked", "message"), FAULTS)
def test_faults_name_their_part(text: str, marked: str, message: str) -> None:
    with pytest.raises(BadDecospecError, match=message) as raised:
        parse_decospec(text)
    assert text[raised.value.start : raised.value.end] == marked


_NAMES = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
_PLAIN = st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False), st.none(), st.text())
_JSON = st.recursive(
    _PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)


@given(st.dictionaries(_NAMES, _JSON, max_size=4))
def test_json_values_come_back(attributes: dict[str, object]) -> None:
    text = "x:" + ",".join(f"{name}={json.dumps(value)}" for name, value in attributes.items())
    assert {g.name: g.value for g in parse_decospec(text)[1]} == attributes


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        _, found = parse_decospec(text)
    except BadDecospecError as bad:
        assert 0 <= bad.start <= bad.end <= len(text)  # noqa: PT017 - refusing is one of two right ways
    else:
        assert all(text[g.start :].startswith(g.name) for g in found)
