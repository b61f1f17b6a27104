"""How the words of `flowc run` are split between flowc, the flow and the file."""

from __future__ import annotations

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.cli.running.words import split_words

OWN = {"--max-workers": 1, "--config": 2, "--production": 0, "-h": 0}


def split(line: str) -> str:
    """`own | others | plain`, each word as it stands; an option without a value ends in `!`."""
    own, others, plain = split_words(line.split(" "), OWN)
    shown = [f"{o.option}={'!' if o.value is None else o.value}" for o in others]
    return " | ".join(" ".join(words) for words in (own, shown, plain)).strip()


LINES = [
    ("flow.py", "|  | flow.py"),
    ("flow.py --alpha 1", "| --alpha=1 | flow.py"),
    ("--alpha 1 flow.py", "| --alpha=1 | flow.py"),
    ("flow.py --alpha=-1 --beta -2", "| --alpha=-1 --beta=-2 | flow.py"),
    ("flow.py --text --max-workers 4", "| --text=--max-workers | flow.py 4"),
    ("flow.py --text -h", "| --text=-h | flow.py"),
    ("flow.py --text=", "| --text= | flow.py"),
    ("flow.py --text=a=b", "| --text=a=b | flow.py"),
    ("flow.py --text", "| --text=! | flow.py"),
    ("--max-workers 4 flow.py --production", "--max-workers 4 --production |  | flow.py"),
    ("--max-workers=4 flow.py", "--max-workers=4 |  | flow.py"),
    ("--config a b flow.py", "--config a b |  | flow.py"),
    ("flow.py -- --alpha", "|  | flow.py --alpha"),
    ("flow.py step", "|  | flow.py step"),
    ("--quite flow.py", "| --quite=! | flow.py"),
    ("--quite=flow.py", "| --quite=flow.py |"),
    ("-", "|  | -"),
]


@pytest.mark.parametrize(("line", "wanted"), LINES)
def test_split(line: str, wanted: str) -> None:
    assert split(line) == wanted


@pytest.mark.parametrize(
    ("line", "needs"), [("flow.py --max-workers", "a value"), ("--config a", "2 values")]
)
def test_an_option_of_flowc_without_its_value(line: str, needs: str) -> None:
    with pytest.raises(click.UsageError, match=needs):
        split(line)


@given(st.dictionaries(st.from_regex(r"--[a-z]{1,5}", fullmatch=True), st.text(), max_size=5))
def test_any_text_is_a_value(values: dict[str, str]) -> None:
    words = [word for option, value in values.items() for word in (option, value)]
    assert {o.option: o.value for o in split_words(["flow.py", *words], OWN).others} == values
