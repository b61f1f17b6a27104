"""Where the parts of a picture stand: boxes around their steps, and arrows that lead down.

Each box is laid out by itself, the innermost first: what it holds, steps and boxes alike, goes in
layers. The outermost box is then placed, and what it holds within it. An arrow between boxes is cut
where it crosses their sides; each piece has its own lanes. Lengths are in pixels.

Invariant: what a box holds lies inside it; things of one box do not overlap; nothing recurses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc.cli.pictures.layers import OUTSIDE, layers, leading_down
from flowc.diagnostics.render.cells import width
from flowc.diagnostics.wording import shortened

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from flowc.cli.pictures.layers import Arrow
    from flowc.cli.pictures.model import Edge, Node, Picture

LINE = 18  # from one line of text to the next
HEAD = 24  # of a box, for its label
_CELL = 7.4  # the width of a letter
_LETTERS = 48  # of one line; more is cut
_MARGIN = 14
_BESIDE = 26
_BELOW = 40  # room for an arrow and its label
_LANE = 12.0


class Frame(NamedTuple):
    """A rectangle: its upper left corner and its size."""

    x: float
    y: float
    width: float
    height: float


class Layout(NamedTuple):
    """A frame for each node and box of a picture, by number, the lanes of each edge, and the size of all.

    An edge that leads up has None for its lanes.
    """

    nodes: tuple[Frame, ...]
    boxes: tuple[Frame, ...]
    lanes: tuple[tuple[Frame, ...] | None, ...]
    width: float
    height: float


class _Piece(NamedTuple):
    """The part of an edge in a box: from one thing that the box holds to another, or to its sides."""

    box: int
    source: int
    target: int


class _Size(NamedTuple):
    width: float
    height: float


def shown(text: str) -> str:
    """A line of text as the picture shows it: its beginning, where it is too long."""
    return shortened(text, _LETTERS)


def lines_of(node: Node) -> list[str]:
    """The lines in a node: its name, then what it needs."""
    return [shown(line) for line in (node.step, *node.details)]


def arrange(picture: Picture) -> Layout:
    """Place everything that a picture holds."""
    return _Arranging(picture).arrange()


class _Arranging:
    """What a box can hold has a number: nodes from 0 on, boxes from -2 down (see `_key`), lanes after the nodes."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._held = _held(picture)
        self._levels: list[list[list[int]]] = []  # of each box, the whole last
        self._lanes: dict[tuple[int, Arrow], list[int]] = {}
        self._sizes: dict[int, _Size] = {}
        self._places: dict[int, Frame] = {}

    def arrange(self) -> Layout:
        picture = self._picture
        pieces = _Cutter(picture).pieces()
        edges = self._layer(pieces)
        for number, node in enumerate(picture.nodes):
            lines = lines_of(node)
            self._sizes[number] = _Size(_text_width(lines) + 2 * _MARGIN, LINE * len(lines) + _MARGIN)
        for box in range(len(picture.boxes) - 1, -2, -1):
            self._sizes[_key(box)] = self._size(box)
        self._places[-1] = Frame(0, 0, *self._sizes[-1])
        for box in range(-1, len(picture.boxes)):
            self._place(box)
        return Layout(
            tuple(self._places[number] for number in range(len(picture.nodes))),
            tuple(self._places[_key(box)] for box in range(len(picture.boxes))),
            tuple(self._of_edge(several) for several in edges),
            *self._sizes[-1],
        )

    def _of_edge(self, pieces: Sequence[_Piece] | None) -> tuple[Frame, ...] | None:
        if pieces is None:
            return None
        numbers = [n for piece in pieces for n in self._lanes.get((piece.box, piece[1:]), ())]
        return tuple(sorted((self._places[number] for number in numbers), key=lambda frame: frame.y))

    # ----------------------------------------------------------------------- layers
    def _layer(self, pieces: Sequence[Sequence[_Piece]]) -> list[Sequence[_Piece] | None]:
        """Find the layers of every box; the pieces of the edges that lead down."""
        held = self._held
        meeting: list[dict[Arrow, None]] = [{} for _ in held]
        for box, source, target in (several[0] for several in pieces):
            if source != target:
                meeting[box][source, target] = None
        places = [{thing: place for place, thing in enumerate(things)} for things in held]
        down: list[dict[Arrow, None]] = []
        for box, things in enumerate(held):
            arrows = [(places[box][source], places[box][target]) for source, target in meeting[box]]
            kept = leading_down(len(things), arrows)
            down.append({(things[source], things[target]): None for source, target in kept})
        edges: list[Sequence[_Piece] | None] = []
        for several in pieces:
            leads_down = several[0][1:] in down[several[0].box]
            edges.append(several if leads_down else None)
            for box, source, target in several[1:] if leads_down else ():
                down[box][source, target] = None
        self._number_lanes(down, places)
        return edges

    def _number_lanes(self, down: Sequence[dict[Arrow, None]], places: Sequence[dict[int, int]]) -> None:
        """Lay out each box, and give its lanes numbers that no other box uses."""
        number = len(self._picture.nodes)
        for box, things in enumerate(self._held):
            place = {**places[box], OUTSIDE: OUTSIDE}
            arrows = {(place[source], place[target]): (source, target) for source, target in down[box]}
            found = layers(len(things), list(arrows))
            shift = number - len(things)
            self._levels.append(
                [[things[t] if t < len(things) else t + shift for t in level] for level in found.things]
            )
            for arrow, lanes in found.lanes.items():
                self._lanes[_outer(box, len(self._held)), arrows[arrow]] = [lane + shift for lane in lanes]
                for lane in lanes:
                    self._sizes[lane + shift] = _Size(_LANE, 0)
                number += len(lanes)

    # ----------------------------------------------------------------------- sizes and places
    def _size(self, box: int) -> _Size:
        levels = self._levels[box]
        across = max((self._across(level) for level in levels), default=0)
        down = sum(self._height(level) for level in levels) + _BELOW * max(len(levels) - 1, 0)
        label = _text_width([shown(self._picture.boxes[box].label)]) if box >= 0 else 0
        return _Size(max(across, label) + 2 * _MARGIN, down + 2 * _MARGIN + (HEAD if box >= 0 else 0))

    def _across(self, level: Sequence[int]) -> float:
        return sum(self._sizes[thing].width for thing in level) + _BESIDE * (len(level) - 1)

    def _height(self, level: Sequence[int]) -> float:
        return max((self._sizes[thing].height for thing in level), default=0)

    def _place(self, box: int) -> None:
        """Put what a box holds into its frame, each layer in the middle."""
        frame = self._places[_key(box)]
        y = frame.y + _MARGIN + (HEAD if box >= 0 else 0)
        for level in self._levels[box]:
            x = frame.x + (frame.width - self._across(level)) / 2
            height = self._height(level)
            for thing in level:
                own = self._sizes[thing]
                self._places[thing] = Frame(x, y, own.width, own.height or height)
                x += own.width + _BESIDE
            y += height + _BELOW


class _Cutter:
    """Cuts the edges of a picture where they cross the sides of boxes."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        self._numbers = {node.step: number for number, node in enumerate(picture.nodes)}
        self._depth: list[int] = []
        for box in picture.boxes:
            self._depth.append(self._depth[box.parent] + 1 if box.parent >= 0 else 1)

    def pieces(self) -> list[list[_Piece]]:
        """The pieces of each edge; the first is the one in the innermost box around both ends."""
        return [self._cut(edge) for edge in self._picture.edges]

    def _cut(self, edge: Edge) -> list[_Piece]:
        picture = self._picture
        source, target = self._numbers[edge.source], self._numbers[edge.target]
        above, below = picture.nodes[source].box, picture.nodes[target].box
        cut: list[_Piece] = []
        while above != below:
            if self._level(above) >= self._level(below):
                cut.append(_Piece(above, source, OUTSIDE))
                source, above = _key(above), picture.boxes[above].parent
            else:
                cut.append(_Piece(below, OUTSIDE, target))
                target, below = _key(below), picture.boxes[below].parent
        return [_Piece(above, source, target), *cut]

    def _level(self, box: int) -> int:
        return self._depth[box] if box >= 0 else 0


def _key(box: int) -> int:
    """The number of a box among what a box can hold; -1 is the whole."""
    return -1 if box < 0 else -2 - box


def _outer(place: int, count: int) -> int:
    """The number of the box at a place of a list whose last entry is the whole."""
    return -1 if place == count - 1 else place


def _held(picture: Picture) -> list[list[int]]:
    """What each box holds, by the box's number; the last is what stands in no box."""
    held: list[list[int]] = [[] for _ in range(len(picture.boxes) + 1)]
    for number, node in enumerate(picture.nodes):
        held[node.box].append(number)
    for number, box in enumerate(picture.boxes):
        held[box.parent].append(_key(number))
    return held


def _text_width(lines: Iterable[str]) -> float:
    return max(sum(width(letter) for letter in line) for line in lines) * _CELL
