"""The schemas we publish say what the code does: settings, diagnostics, graphs."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.cli.configuration.entries import BadValueError, Entry, entries, from_toml
from flowc.cli.configuration.file import read_file
from flowc.diagnostics import catalog
from flowc.diagnostics.model import Edit, Fix, Label, Sink
from flowc.diagnostics.render import Look, render
from flowc.source import SourceFile, Span
from flowc.target.settings import Settings
from tests.published import followed, schema

CONFIG = schema("config")


def property_of(key: str) -> dict[str, Any]:
    table, _, name = key.rpartition(".")
    properties = CONFIG["properties"][table]["properties"] if table else CONFIG["properties"]
    found: dict[str, Any] = properties[name]
    return found


def published_keys() -> set[str]:
    tables = {"argo", "stepfunctions"}
    top = set(CONFIG["properties"]) - tables - {"required-version", "env", "secrets"}
    return top | {f"{table}.{name}" for table in tables for name in CONFIG["properties"][table]["properties"]}


def test_every_setting_is_published_and_none_else() -> None:
    assert published_keys() == set(entries())
    assert set(CONFIG["$defs"]["profile"]["properties"]) == {k for k in entries() if "." not in k} | {
        "argo",
        "stepfunctions",
    }


@pytest.mark.parametrize("key", entries())
def test_defaults_are_the_ones_published(key: str) -> None:
    entry = entries()[key]
    base: object = Settings()
    table = key.rpartition(".")[0]
    default = getattr(getattr(base, table) if table else base, entry.field, None)
    if "default" in property_of(key):
        assert property_of(key)["default"] == default
    else:
        assert not default


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 300),
    st.floats(-2, 9),
    st.sampled_from(
        [
            "",
            "a",
            "embed",
            "Always",
            "EC2",
            "argo",
            "aws-cn",
            "s3://b/p",
            "file:///x",
            "64GiB",
            "1.5 TB",
            "-1",
        ]
    ),
    st.lists(st.sampled_from(["a", "argo", 1]), max_size=2),
    st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["x", 1]), max_size=2),
    st.lists(st.dictionaries(st.just("key"), st.sampled_from(["x", 1]), max_size=1), max_size=2),
)


def takes(entry: Entry, raw: object) -> bool:
    try:
        from_toml(entry, raw)
    except BadValueError:
        return False
    return True


@given(st.sampled_from(sorted(entries())), _VALUES)
def test_the_schema_and_the_reader_agree(key: str, raw: object) -> None:
    # JSON Schema takes 1.0 for an integer; TOML tells the two apart.
    if isinstance(raw, float) and raw.is_integer():
        raw += 0.5
    assert jsonschema.Draft202012Validator(property_of(key)).is_valid(raw) == takes(entries()[key], raw)


@pytest.mark.parametrize(
    ("toml", "document"),
    [
        ("x = 1", {"x": 1}),
        ("argo = {x = 1}", {"argo": {"x": 1}}),
        ("[env.p]\nimage = 'i'", {"env": {"p": {"image": "i"}}}),
        ("[env.p]\nx = 1", {"env": {"p": {"x": 1}}}),
        ("[env.p.argo]\nnamespace = 1", {"env": {"p": {"argo": {"namespace": 1}}}}),
        ("[env]\np = 1", {"env": {"p": 1}}),
        ("[secrets.a]\nfile = 'f'", {"secrets": {"a": {"file": "f"}}}),
        ("[secrets.a]\nfile = 'f'\nenv = 'e'", {"secrets": {"a": {"file": "f", "env": "e"}}}),
        ("[secrets.a]", {"secrets": {"a": {}}}),
        ("required-version = 3", {"required-version": 3}),
    ],
)
def test_tables_agree_too(toml: str, document: dict[str, object]) -> None:
    sink = Sink()
    read_file(SourceFile("flowc.toml", toml), sink)
    assert jsonschema.Draft202012Validator(CONFIG).is_valid(document) == (not len(sink))


def test_diagnostics_follow_their_schema() -> None:
    file = SourceFile("é.py", "import é\n")
    sink = Sink()
    span = Span(file, 0, 6)
    sink.report(
        catalog.UNKNOWN_STEP,
        Label(span, "here"),
        "a message",
        secondary=[Label(Span(file, 7, 8))],
        notes=["n"],
        helps=["h"],
        fix=Fix("mend", (Edit(span, "x"),)),
    )
    sink.report(catalog.FLOATING_IMAGE, Span(file, 9, 9), "another")
    for found in ([], list(sink)):
        document = followed("diagnostics", render("json", found, Look(lambda f: f.path)))
        assert (document["errors"], document["warnings"]) == ((1, 1) if found else (0, 0))
