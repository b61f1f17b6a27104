"""Objects as text: what is written is what every reader reads, and it reads well."""

from __future__ import annotations

import json
import math
from textwrap import dedent

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flowc.manifest.encode import compact_json, encode_json, encode_yaml, stored_size

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
ODD = st.sampled_from(
    [
        "1e3",
        "1e-3",
        ".5e1",
        "08",
        "0o7",
        "0x1F",
        "y",
        "n",
        "Y",
        "N",
        "yes",
        "no",
        "on",
        "off",
        "true",
        "null",
        "~",
        ".inf",
        "-.inf",
        ".nan",
        "-",
        "--",
        "---",
        "...",
        "?",
        ":",
        "|",
        ">",
        "&",
        "*",
        "!",
        "%",
        "@",
        "`",
        "=",
        "<<",
        "1:20",
        "2026-01-01",
        "1_000",
        "+1",
        "-1",
        "-.5",
        "._",
        ".1_",
        "{}",
        "[]",
        "#",
        "a#b",
        "a:b",
        "",
        " ",
        "a: b",
        "a #b",
        "- a",
        "a\n",
        "a\nb",
        "\n",
        "a\n\n",
        " a\nb",
        "a\n b",
        "a \nb",
        "a\n\tb",
        "\ta\nb",
        "x\r\ny",
        "---\na",
        "a\n---\nb",
        "a\n...\n",
        "a\n\nb\n",
        "# a\nb",
        "\x85",
        "\u2028",
        "\ufeff",
        "\x00",
        "\x7f",
        "é",
        "😀",
        "\\",
        '"',
        "'",
        "x" * 3000,
        "é" * 3000,
        "a b " * 700,
    ]
)
SCALARS = st.one_of(TEXT, ODD, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False))
OBJECTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT | ODD, inner, max_size=5),
    max_leaves=30,
)
LOADERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if hasattr(yaml, "CSafeLoader") else [])]


def check(value: object, expected: str) -> None:
    """`value` is written as `expected`."""
    assert encode_yaml(value) == dedent(expected).lstrip("\n")


@pytest.mark.parametrize("loader", LOADERS)
@given(value=OBJECTS)
def test_yaml_reads_back_what_was_written(loader: type, value: object) -> None:
    text = encode_yaml(value)
    assert yaml.load(text, loader) == value  # noqa: S506 - safe loaders
    assert repr(yaml.load(text, loader)) == repr(value)  # noqa: S506 - True is not 1


@given(first=OBJECTS, second=OBJECTS)
def test_documents_stay_apart(first: object, second: object) -> None:
    assert list(yaml.safe_load_all(encode_yaml(first, second, header=["made by us"]))) == [first, second]


@given(value=OBJECTS, width=st.integers(10, 120))
def test_json_reads_back_what_was_written(value: object, width: int) -> None:
    assert json.loads(encode_json(value, width=width)) == value or "Infinity" in json.dumps(value)
    assert json.loads(compact_json(value)) == json.loads(encode_json(value))


def test_numbers_keep_their_kind() -> None:
    check(
        [1, 1.0, 1e16, 1e-7, -2.5e300, math.inf, -math.inf],
        "[1, 1.0, 1.0e+16, 1.0e-07, -2.5e+300, .inf, -.inf]\n",
    )
    assert math.isnan(yaml.safe_load(encode_yaml(math.nan)))


def test_odd_words_are_quoted() -> None:
    words = ["a", "y", "r", "no", "1e3", ".5e1", "08", "0.5", "a-b", "s3://x", "--flag", "a && b", "x: y", ""]
    check(words, '[a, "y", r, "no", "1e3", ".5e1", "08", "0.5", a-b, "s3://x", --flag, a && b, "x: y", ""]\n')


def test_layout_is_that_of_hand_written_manifests() -> None:
    task = {
        "name": "a",
        "arguments": {"parameters": [{"name": "path", "value": "r"}, {"name": "visit", "value": "0"}]},
    }
    wide = {
        "name": "b",
        "depends": "a.Succeeded",
        "when": "{{=tasks['decide'].outputs.parameters['next'] == 'deploy'}}",
    }
    check(
        {
            "metadata": {"name": "train", "labels": {"flow": "TrainFlow"}},
            "spec": {
                "templates": [{"name": "main", "dag": {"tasks": [task, wide]}}],
                "command": ["python", "-c"],
            },
            "script": "set -e\n\npython x\n",
        },
        """
        metadata:
          name: train
          labels:
            flow: TrainFlow
        spec:
          templates:
          - name: main
            dag:
              tasks:
              - name: a
                arguments: {parameters: [{name: path, value: r}, {name: visit, value: "0"}]}
              - name: b
                depends: a.Succeeded
                when: "{{=tasks['decide'].outputs.parameters['next'] == 'deploy'}}"
          command: [python, -c]
        script: |
          set -e

          python x
        """,
    )


def test_json_of_any_depth() -> None:
    value: object = 1
    for _ in range(20_000):
        value = {"a": [value]}
    assert compact_json(value).count("a") == encode_json(value, width=0, indent=0).count("a") == 20_000


def test_stored_size_counts_what_go_writes() -> None:
    assert stored_size({"when": "a && b < é"}) == len(r'{"when":"a \u0026\u0026 b \u003c \u00e9"}')
