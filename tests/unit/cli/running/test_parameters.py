"""Parameters as options: what each type takes, what is said of the rest, and help."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.cli.running.parameters import help_rows, parameter_values
from flowc.cli.running.words import split_words
from tests.declaring import decorated, read_flow

if TYPE_CHECKING:
    from pathlib import Path

    from flowc.ir.params import Parameter

DECLARED = """\
def later(context): return 7

text = Parameter("text", default="x", help="some\\n   text")
n_items = Parameter("n_items", type=int)
rate = Parameter("rate", default=0.5)
flag = Parameter("flag", default=False, help="a switch")
table = Parameter("table", type=JSONType, default='{"a": [1]}')
names = Parameter("names", separator=",", default="a,b")
data = IncludeFile("data")
late = Parameter("late", default=later, type=int)
"""


def declared(text: str = DECLARED) -> list[Parameter]:
    found = read_flow(decorated(flow=text))
    assert not found.faults
    return list(found.parameters.values())


PARAMETERS = declared()


def values(*words: str, parameters: list[Parameter] = PARAMETERS, **environ: str) -> dict[str, object]:
    others = split_words(["flow.py", *words], {}).others
    return parameter_values(parameters, others, environ, ["--max-workers"], "/nowhere")


TAKEN = [
    (["--text", "--x"], {"text": "--x"}),
    (["--text="], {"text": ""}),
    (["--text", "a\nb\0é"], {"text": "a\nb\0é"}),
    (["--n_items", "-3"], {"n_items": -3}),
    (["--n-items=3"], {"n_items": 3}),
    (["--rate", "-1e3"], {"rate": -1000.0}),
    (["--rate", "3"], {"rate": 3.0}),
    (["--flag", "TRUE"], {"flag": True}),
    (["--flag", "0"], {"flag": False}),
    (["--table", '"a"'], {"table": '"a"'}),
    (["--names", "x,,y"], {"names": "x,,y"}),
    (["--data", "s3://bucket/key"], {"data": "s3://bucket/key"}),
    (["--late", "8"], {"late": 8}),
    ([], {}),
]


@pytest.mark.parametrize(("words", "wanted"), TAKEN)
def test_what_is_taken(words: list[str], wanted: dict[str, object]) -> None:
    assert values(*words) == wanted


FAULTS = [
    (["--n_items", "1.5"], "`--n_items` takes a whole number, not `1.5`"),
    (["--n_items="], "`--n_items` takes a whole number, not an empty text"),
    (["--n_items", "9" * 5000], f"`--n_items` takes a whole number, not `{'9' * 60}…`"),
    (["--rate", "x\x1b[31m"], "`--rate` takes a number, not `x␛[31m`"),
    (["--flag", "maybe"], "`--flag` takes `true` or `false`, not `maybe`"),
    (
        ["--table", "{"],
        "`--table` takes JSON, not `{`: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
    ),
    (["--table", "[" * 99999], f"`--table` takes JSON, not `{'[' * 60}…`"),
    (["--data", "nofile"], "`--data` takes the path of a file, not `nofile`: there is no such file"),
    (["--data", "/"], "`--data` takes the path of a file, not `/`: it is a folder"),
    (["--rat", "1"], "neither flowc nor the flow has an option `--rat`; did you mean `--rate`?"),
    (["--max-worker", "1"], "neither flowc nor the flow has an option `--max-worker`; did you mean `--max-workers`?"),
    (["-x", "1"], "neither flowc nor the flow has an option `-x`"),
    (["--rate"], "`--rate` needs a value: a number"),
    (["--rate", "1", "--rate", "2"], "`--rate` is given twice"),
    (["--rate", "x", "--flag", "maybe"],
     "`--rate` takes a number, not `x`\n       `--flag` takes `true` or `false`, not `maybe`"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "wanted"), FAULTS)
def test_faults(words: list[str], wanted: str) -> None:
    with pytest.raises(click.UsageError) as raised:
        values(*words)
    assert raised.value.message == wanted


def test_a_required_one_is_missed_unless_something_gives_it() -> None:
    parameters = declared('n = Parameter("n-n", type=int, required=True)')
    with pytest.raises(click.UsageError, match="`--n-n` is required: a whole number"):
        values(parameters=parameters)
    assert values(parameters=parameters, METAFLOW_RUN_N_N="3") == {"n-n": 3}


def test_a_variable_gives_way_to_an_option() -> None:
    assert values("--rate", "2", METAFLOW_RUN_RATE="1", METAFLOW_RUN_TEXT="v", METAFLOW_RUN_FLAG="") == {
        "rate": 2.0,
        "text": "v",
    }
    with pytest.raises(click.UsageError, match="the variable METAFLOW_RUN_RATE takes a number, not `x`"):
        values(METAFLOW_RUN_RATE="x")


def test_a_file_is_found_from_the_working_folder_then_beside_the_flow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "flows").mkdir()
    (tmp_path / "flows" / "data.txt").write_text("flow's")
    others = split_words(["--data", "data.txt"], {}).others
    monkeypatch.chdir(tmp_path)

    def found() -> object:
        return parameter_values(PARAMETERS, others, {}, [], str(tmp_path / "flows"))["data"]

    assert found() == str(tmp_path / "flows" / "data.txt")
    (tmp_path / "data.txt").write_text("own")
    assert found() == str(tmp_path / "data.txt")


def test_help() -> None:
    assert help_rows(PARAMETERS) == [
        ("--text TEXT", "some text  [default: x]"),
        ("--n_items INTEGER", ""),
        ("--rate FLOAT", "[default: 0.5]"),
        ("--flag BOOLEAN", "a switch  [default: false]"),
        ("--table JSON", '[default: {"a": [1]}]'),
        ("--names LIST", "[default: a,b]"),
        ("--data FILE", ""),
        ("--late INTEGER", "[default: computed when the run starts]"),
    ]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.integers(), st.floats(allow_nan=False), st.booleans(), st.text(), _JSON)
def test_values_come_through(whole: int, number: float, flag: bool, text: str, tree: object) -> None:
    given = {"n_items": whole, "rate": number, "flag": flag, "text": text, "table": json.dumps(tree)}
    words = [word for name, value in given.items() for word in (f"--{name}", str(value))]
    assert values(*words) == given
