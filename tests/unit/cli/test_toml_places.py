"""Where keys stand: each key and value is cut out of the text by its place."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.cli.configuration.toml_places import find, key_places


def check(text: str) -> dict[str, tuple[str, str]]:
    tomllib.loads(text)  # only what Python's reader takes is asked for
    return {
        ".".join(path): (text[slice(*place.key)], text[slice(*place.value)])
        for path, place in key_places(text).items()
    }


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("a = 1", {"a": ("a", "1")}),
        ("a=1 # x = 2\nb = 'x # y'  \n", {"a": ("a", "1"), "b": ("b", "'x # y'")}),
        ("[t]\na = 1\n[t.u]\nb = 2", {"t": ("t", "t"), "t.a": ("a", "1"), "t.u": ("t.u", "t.u"), "t.u.b": ("b", "2")}),
        ('["tool" . flowc]\n"a b".c = 1', {
            "tool.flowc": ('"tool" . flowc', '"tool" . flowc'),
            "tool.flowc.a b.c": ('"a b".c', "1"),
            "tool.flowc.a b": ('"a b".c', '"a b".c'),
        }),
        ("a = [\n  1, # one\n  ']',\n]\nb = {x = 1, y = [2]}\n", {
            "a": ("a", "[\n  1, # one\n  ']',\n]"),
            "b": ("b", "{x = 1, y = [2]}"),
        }),
        ('a = """\nb = 1\n"""\nc = \'\'\'x\'\'\'', {"a": ("a", '"""\nb = 1\n"""'), "c": ("c", "'''x'''")}),
        ("[[a]]\nb = 1\n[[a]]\nb = 2", {"a": ("a", "a"), "a.b": ("b", "1")}),
        ('a = "\\"#"\nb = 2', {"a": ("a", '"\\"#"'), "b": ("b", "2")}),
        ("a = 2026-11-22 10:00:00 # t\nb = 1e3", {"a": ("a", "2026-11-22 10:00:00"), "b": ("b", "1e3")}),
        ("", {}),
        ("# nothing", {}),
    ],
)  # fmt: skip
def test_places(text: str, places: dict[str, tuple[str, str]]) -> None:
    assert check(text) == places


def test_a_key_inside_an_inline_table_is_found_at_the_table() -> None:
    places = key_places("a = {b = {c = 1}}")
    assert find(places, ("a", "b", "c")) == places["a",]
    assert find(places, ("x", "y")) is None


@given(st.text(alphabet="ab=.[]{}\"'#\\\n, 1", max_size=40))
def test_no_text_keeps_it_from_ending(text: str) -> None:
    key_places(text)
