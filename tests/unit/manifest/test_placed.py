"""Manifests read with places: the values that other readers give, each where it is written."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flowc.diagnostics.model import Sink
from flowc.manifest.placed.document import Document, shown
from flowc.manifest.placed.read import read_manifest
from flowc.source import SourceFile

_SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


def read(text: str, name: str = "a.yaml") -> list[Document]:
    sink = Sink()
    documents = read_manifest(SourceFile(name, text), sink)
    assert not list(sink), list(sink)
    return documents


def faults(text: str, name: str = "a.yaml") -> list[str]:
    sink = Sink()
    read_manifest(SourceFile(name, text), sink)
    return [f"{d.primary.span.line} {d.rule.code} {d.message}" for d in sink]


@given(st.dictionaries(st.text(), _VALUES), st.sampled_from([None, 1, "\t"]))
def test_json_is_read_as_the_standard_library_reads_it(
    value: dict[str, object], indent: int | str | None
) -> None:
    for ascii_only in (True, False):
        text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
        (document,) = read(text, "a.json")
        assert document.value == value


@given(st.text(alphabet='{}[]",:0123456789.eE-+tfn\\u \n'))
def test_json_is_refused_where_the_standard_library_refuses_it(text: str) -> None:
    text = "{" + text
    try:
        expected = json.loads(text)
    except ValueError:
        assert faults(text, "a.json")
    else:
        sink = Sink()
        documents = read_manifest(SourceFile("a.json", text), sink)
        assert [d.value for d in documents] == [expected]


@given(_VALUES)
def test_yaml_is_read_as_it_was_written(value: object) -> None:
    text = yaml.safe_dump({"key": value}, allow_unicode=True)
    if "\x85" in text or "\u2028" in text or "\u2029" in text:
        return  # line ends of YAML 1.1 that its writer folds
    (document,) = read(text)
    assert document.value == yaml.safe_load(text)


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"])), st.integers()
    )
)
def test_a_value_stands_at_its_place(value: dict[str, int]) -> None:
    for text in (json.dumps(value, ensure_ascii=False), yaml.safe_dump(value, allow_unicode=True)):
        (document,) = read(text or "{}")
        for key, number in value.items():
            assert document.where((key,)).text == str(number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 2026-11-22", "2026-11-22"),
        ("a: 1:30", "1:30"),
        ("a: 1e3", 1000.0),
        ("a: 0x10", 16),
        ("a: 010", 8),
        ("a: 0o10", 8),
        ("a: 1_000", 1000),
        ("a: 08", 8.0),
        ("a: yes", True),
        ("a: 'yes'", "yes"),
        ("a: ~", None),
        ("a:", None),
        ("a: .5", 0.5),
        ("a: 1.2.3", "1.2.3"),
        ("a: !Ref b", {"Ref": "b"}),
        ("a: !GetAtt b.c.d", {"Fn::GetAtt": ["b", "c.d"]}),
        ("a: !Sub '${b}'", {"Fn::Sub": "${b}"}),
        ("a: !If [b, !Ref c, d]", {"Fn::If": ["b", {"Ref": "c"}, "d"]}),
        ("b: &x {c: 1}\na: *x", {"c": 1}),
        ("b: &x {c: 1, d: 2}\na: {<<: *x, c: 3}", {"c": 3, "d": 2}),
    ],
)
def test_values_are_resolved_as_kubernetes_does(text: str, expected: object) -> None:
    (document,) = read(text)
    assert isinstance(document.value, dict)
    assert document.value["a"] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\na: 2\n", ["2 FC702 the key `a` stands twice"]),
        ('{"a": 1,\n "a": 2}', ["2 FC702 the key `a` stands twice"]),
        ("a: [1, 2\nb: 3\n", ["2 FC701 the file is not valid YAML"]),
        ("a: &x [*x]\n", ["1 FC701 the file is not valid YAML: an alias stands inside what it stands for"]),
        ("? [a]\n: 1\n", ["1 FC701 the file is not valid YAML: a key is a mapping or a list"]),
        ('{"a": 1,}', ["1 FC701 the file is not valid JSON: a key in double quotes is missing"]),
        ('{"a": 1} {', ["1 FC701 the file is not valid JSON: something follows the document"]),
        ("[" * 100_000, ["1 FC701 the file is not valid YAML: it is nested too deeply"]),
        ("- " * 100_000, ["1 FC701 the file is not valid YAML: it is nested too deeply"]),
        ('{"a":' * 100_000, ["1 FC701 the file is not valid JSON: it is nested too deeply"]),
        ("a: \x00", ["1 FC701 the file is not valid YAML"]),
        ("x: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(8)), ["1 FC701 the file is not valid YAML: its aliases stand for too much"]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told(text: str, expected: list[str]) -> None:
    found = faults(text)
    assert len(found) == len(expected), found
    assert all(part in line for line, part in zip(found, expected, strict=True)), found


def test_places_of_keys_and_texts() -> None:
    text = "é: 1\nspec:\n  list:\n    - name: one\n      text: a {{b}} c\n    -\n      - 2\n"
    (document,) = read(text)
    assert document.where(("spec",)).text == "spec"
    assert document.where(("spec", "list", 0)).text == "name: one"
    assert document.where(("spec", "list", 0, "name")).text == "one"
    assert document.key(("spec", "list", 0, "name")).text == "name"
    assert document.inside(("spec", "list", 0, "text"), 2, 7).text == "{{b}}"
    assert document.where(("spec", "missing", "deeper")).text == "spec"
    assert document.where(("spec", "list", 1, 0)).line == 7


def test_a_path_is_written_as_people_do() -> None:
    assert shown(("spec", "templates", 2, "dag", "a.b", 0)) == "spec.templates[2].dag['a.b'][0]"
