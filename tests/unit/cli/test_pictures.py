"""Flows as pictures, and names that try to be more than names."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc import share
from flowc.cli.graph import draw
from flowc.cli.pictures import dot, mermaid
from flowc.cli.pictures.model import Box, Node, Picture, picture
from flowc.cli.pictures.tree import walk
from flowc.target.settings import Settings
from tests.programs import program

FLOW = """
    start -> left, right
    left[cpu=4, memory=16000, gpu=1, retry=3, timeout=60] -> foreach work in xs:10
    work -> gather
    join gather -> meet
    right -> kind ? one | two
    one -> again
    two -> again
    again -> again | meet
    join meet -> end
"""


def test_mermaid() -> None:
    assert (
        draw(program(FLOW), Settings(), "mermaid")
        == """\
flowchart TD
  s0(["start<br/>1 CPU · 4.1 GB"])
  s8[["meet<br/>1 CPU · 4.1 GB"]]
  s9(["end<br/>1 CPU · 4.1 GB"])
  subgraph r0["split of 2"]
    s1["left<br/>4 CPU · 16 GB · 1 GPU<br/>retry 3 ×, 2 min apart<br/>timeout 1 min"]
    s3[["gather<br/>1 CPU · 4.1 GB"]]
    s4{{"right<br/>1 CPU · 4.1 GB"}}
    subgraph r1["foreach xs, 10 items"]
      s2["work<br/>1 CPU · 4.1 GB"]
    end
    subgraph r2["choice"]
      s5["one<br/>1 CPU · 4.1 GB"]
      s6["two<br/>1 CPU · 4.1 GB"]
    end
    subgraph r3["loop, at most 50 passes"]
      s7{{"again<br/>1 CPU · 4.1 GB"}}
    end
  end
  s0 --> s1
  s0 --> s4
  s1 -- "foreach xs" --> s2
  s2 --> s3
  s3 --> s8
  s4 -- "one" --> s5
  s4 -- "two" --> s6
  s5 --> s7
  s6 --> s7
  s7 --> s7
  s7 --> s8
  s8 --> s9
"""
    )


def test_every_format_is_drawn() -> None:
    made = program(FLOW)
    assert draw(made, Settings(), "dot").count("subgraph") == len(picture(made, Settings()).boxes)
    document = json.loads(draw(made, Settings(), "json"))
    text = share.read_text("schemas", "graph.schema.json")
    assert text is not None
    jsonschema.Draft202012Validator(json.loads(text)).validate(document)


@given(st.text(max_size=20))
def test_mermaid_text_is_inert_and_reads_back(name: str) -> None:
    escaped = mermaid.escape(name)
    assert not set(escaped) & set('"<>[](){}|`\\\n\r')
    assert re.sub(r"#(\d+);", lambda code: chr(int(code[1])), escaped) == name


@given(st.text(max_size=20))
def test_dot_strings_end_where_they_should(name: str) -> None:
    quoted = dot.quote(name)
    assert quoted[0] == quoted[-1] == '"'
    assert not re.search(r'(?<!\\)(?:\\\\)*"', quoted[1:-1])
    assert "\n" not in quoted


@pytest.mark.parametrize("depth", [3, 5000])
def test_no_depth_is_too_deep(depth: int) -> None:
    boxes = tuple(Box("foreach", "x", "h", index - 1) for index in range(depth))
    made = Picture("F", "", (Node("a", "step", (), "", "", depth - 1),), (), boxes)
    assert max(level for level, _ in walk(made)) == depth
    assert mermaid.render(made).count("subgraph") == dot.render(made).count("subgraph") == depth


def test_a_box_is_told_by_its_limits() -> None:
    made = picture(program("start -> foreach a in xs; a -> j; join j -> end"), Settings())
    assert [box.label for box in made.boxes] == ["foreach xs, at most 100 items"]
