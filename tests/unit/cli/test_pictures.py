"""Flows as pictures, and names that try to be more than names."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.cli.graph import draw
from flowc.cli.pictures import dot, html, mermaid, svg
from flowc.cli.pictures.layout import Frame, arrange
from flowc.cli.pictures.model import Box, Edge, Node, Picture, picture
from flowc.cli.pictures.tree import walk
from flowc.target.settings import Settings
from tests.programs import program
from tests.published import followed

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
    followed("graph", draw(made, Settings(), "json"))


SVG = "{http://www.w3.org/2000/svg}"


def elements(drawn: str) -> list[ET.Element]:
    """All elements of a drawn picture."""
    return list(ET.fromstring(drawn).iter())  # noqa: S314 - flowc's own output


def texts(drawn: str, of_class: str | None = None) -> list[str | None]:
    """The texts in it, or those of one class: the names of steps are of the class `name`."""
    found = (e for e in elements(drawn) if e.tag == f"{SVG}text")
    return [text.text for text in found if of_class in (None, text.get("class"))]


def test_svg_has_every_step_once_and_what_it_needs() -> None:
    made = program(FLOW)
    drawn = draw(made, Settings(), "svg")
    assert texts(drawn, "name") == list(made.graph.steps)
    assert {"4 CPU · 16 GB · 1 GPU", "foreach xs, 10 items", "loop, at most 50 passes"} <= set(texts(drawn))
    assert drawn.count('marker-end="url(#head)"') == len(picture(made, Settings()).edges)


def test_a_page_has_the_picture_and_the_steps() -> None:
    made = program(FLOW)
    page = draw(made, Settings(), "html")
    assert draw(made, Settings(), "svg") in page
    assert [step for step in made.graph.steps if f"<tr><td>{step}</td>" not in page] == []
    assert "<script" not in page


HOSTILE = ["</title><script>x</script>", "]]><b>&amp;", "\x1b[31m\x00\x0b", "'\"--><!--", "\u202e{{ 7 * 7 }}"]


@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=9)), min_size=5, max_size=5))
def test_names_are_text_in_svg_and_html(words: list[str]) -> None:
    name, detail, box, label, doc = words
    node = Node(name, "step", (detail,), doc, "flow.py:1", 0)
    made = Picture(name, doc, (node,), (Edge(name, name, label),), (Box("foreach", box, name, -1),))
    tags = [element.tag.removeprefix(SVG) for element in elements(svg.render(made))]
    shape = [element.tag.removeprefix(SVG) for element in elements(svg.render(PLAIN))]
    assert [tag for tag in tags if tag != "text"] == [tag for tag in shape if tag != "text"]
    assert Tags.of(html.render(made)) == Tags.of(html.render(PLAIN))


PLAIN = Picture(
    "F",
    "d",
    (Node("a", "step", ("x",), "d", "flow.py:1", 0),),
    (Edge("a", "a", "l"),),
    (Box("foreach", "b", "a", -1),),
)


class Tags(HTMLParser):
    """The tags of a page, texts of the picture and paragraphs apart."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the parser passes them
        if tag not in ("text", "p"):
            self.found.append(tag)

    @classmethod
    def of(cls, page: str) -> list[str]:
        parser = cls()
        parser.feed(page)
        return parser.found


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """Boxes in boxes, steps in any of them, arrows between any steps."""
    boxes = [
        Box("split", "b" * draw(st.integers(0, 30)), "h", draw(st.integers(-1, n - 1)))
        for n in range(draw(st.integers(0, 5)))
    ]
    nodes = [
        Node(
            f"s{n}", "step", ("x" * draw(st.integers(0, 60)),), "", "", draw(st.integers(-1, len(boxes) - 1))
        )
        for n in range(draw(st.integers(1, 8)))
    ]
    step = st.integers(0, len(nodes) - 1)
    edges = [Edge(f"s{a}", f"s{b}", "") for a, b in draw(st.lists(st.tuples(step, step), max_size=15))]
    return Picture("F", "", tuple(nodes), tuple(edges), tuple(boxes))


def within(inner: Frame, outer: Frame) -> bool:
    near = 0.01
    return (
        outer.x - near <= inner.x
        and outer.y - near <= inner.y
        and inner.x + inner.width <= outer.x + outer.width + near
        and inner.y + inner.height <= outer.y + outer.height + near
    )


def apart(one: Frame, other: Frame) -> bool:
    beside = one.x + one.width <= other.x or other.x + other.width <= one.x
    return beside or one.y + one.height <= other.y or other.y + other.height <= one.y


@given(pictures())
def test_everything_stands_in_its_box_and_beside_the_others(made: Picture) -> None:
    layout = arrange(made)
    whole = Frame(0, 0, layout.width, layout.height)
    places = [(layout.nodes[n], node.box) for n, node in enumerate(made.nodes)]
    places += [(layout.boxes[n], box.parent) for n, box in enumerate(made.boxes)]
    assert all(within(frame, layout.boxes[box] if box >= 0 else whole) for frame, box in places)
    for number, (frame, box) in enumerate(places):
        assert all(apart(frame, other) for other, beside in places[:number] if beside == box)


@given(pictures())
def test_an_arrow_down_meets_no_step_in_its_lanes(made: Picture) -> None:
    layout = arrange(made)
    for lanes in layout.lanes:
        tops = [lane.y for lane in lanes or ()]
        assert tops == sorted(tops)
        assert all(apart(lane, node) for lane in lanes or () for node in layout.nodes)


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
    assert svg.render(made).count('class="region foreach"') == depth


def test_a_box_is_told_by_its_limits() -> None:
    made = picture(program("start -> foreach a in xs; a -> j; join j -> end"), Settings())
    assert [box.label for box in made.boxes] == ["foreach xs, at most 100 items"]
