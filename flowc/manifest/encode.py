"""Objects as YAML and JSON text: fast, deterministic, and laid out for people who review diffs.

Keys keep the order they were put in; nothing is sorted, aliased or folded. A collection stands on
one line where it fits one: in YAML a list of scalars anywhere and whatever lies inside a list, up
to three collections deep; in JSON everything. All else is a line for each entry.

Invariant: what is written is read back equal, by PyYAML and by Go's readers alike; the same
object gives the same bytes everywhere.
"""

from __future__ import annotations

from json import dumps
from json.encoder import encode_basestring_ascii
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias

from flowc.manifest.scalars import bare_or_quoted, is_literal, literal, number

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

WIDTH = 100
_MAX_FLOW_DEPTH = 3
_BLOCK = _MAX_FLOW_DEPTH + 1  # the depth of what stands on lines of its own
_MAX_SIMPLE_KEY = 500  # readers give up looking for the `:` of a key after 1,024 bytes


def encode_yaml(*documents: object, header: Iterable[str] = ()) -> str:
    """YAML documents in block style, after `header` as comments; the text ends in a line end."""
    return join_yaml([encode_document(document) for document in documents], header=header)


def encode_document(value: object) -> str:
    """One YAML document, to be joined with others."""
    return _node(value, 2 if isinstance(value, str) else 0, 0, inside_list=False)[0] + "\n"


def join_yaml(documents: Iterable[str], *, header: Iterable[str] = ()) -> str:
    """Documents that are text already as one stream, after `header` as comments."""
    return "".join(f"# {line}\n" for line in header) + "---\n".join(documents)


def encode_json(value: object, *, width: int = WIDTH, indent: int = 2, spread: Container[str] = ()) -> str:
    """JSON whose collections stand on one line where they fit `width` columns. Any depth is taken.

    What stands under a key in `spread` has a line for each entry however small it is.
    """
    return _json(value, width, " " * indent, spread) + "\n"


class Encoded(str):
    """JSON text on one line that stands in an object as it is, made by a faster writer than this one."""

    __slots__ = ()


def one_line(value: object) -> Encoded:
    """A value of bounded depth on one line, with blanks: about ten times faster than `encode_json`."""
    return Encoded(dumps(value))


def compact_json(value: object) -> str:
    """JSON on one line without blanks: what an engine stores. Any depth is taken."""
    try:
        return dumps(value, separators=(",", ":"), allow_nan=False)
    except (RecursionError, ValueError):  # the fast writer recurses, and knows no infinity
        return _json(value, None, "", ())


def stored_size(value: object) -> int:
    """The most bytes that `value` takes as Go writes it: compact JSON with `<`, `>` and `&` escaped."""
    text = compact_json(value)
    return len(text) + 5 * sum(text.count(character) for character in "<>&")


# ------------------------------------------------------------------------------------ YAML
# A node is (text, depth): depth 0 for a scalar on one line, the number of nested collections for
# one written in flow style, `_BLOCK` for text that needs lines of its own. The nesting of an
# object bounds the recursion; manifests nest by kind of object, never by the size of a flow.
_Node: TypeAlias = "tuple[str, int]"


def _node(value: object, indent: int, list_column: int, *, inside_list: bool) -> _Node:
    """`value` with its lines at `indent` columns, or `list_column` if it is a list.

    `inside_list`: flow style is welcome for every collection.
    """
    if isinstance(value, str):
        if is_literal(value):
            return literal(value, " " * indent), _BLOCK
        return bare_or_quoted(value), 0
    if isinstance(value, dict):
        return _mapping(value, indent, inside_list=inside_list) if value else ("{}", 0)
    if isinstance(value, list | tuple):
        return _sequence(value, list_column, inside_list=inside_list) if value else ("[]", 0)
    return _constant(value), 0


def _constant(value: object) -> str:
    """What YAML and JSON write alike, infinities aside."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number(value)
    raise TypeError(f"a manifest holds no {type(value).__name__}")


def _mapping(value: Mapping[str, object], indent: int, *, inside_list: bool) -> _Node:
    entries = [_entry(key, item, indent, inside_list=inside_list) for key, item in value.items()]
    depth = max(entry[1] for entry in entries)
    if inside_list and depth < _MAX_FLOW_DEPTH:
        flow = "{" + ", ".join(text for text, _ in entries) + "}"
        if len(flow) + indent <= WIDTH:
            return flow, depth + 1
    return ("\n" + " " * indent).join(text for text, _ in entries), _BLOCK


def _entry(key: str, item: object, indent: int, *, inside_list: bool) -> _Node:
    """A key and its value; the items of a list stand at the column of its key."""
    name = bare_or_quoted(key)
    if len(name) > _MAX_SIMPLE_KEY:
        text, depth = _node(item, indent + 2, indent + 2, inside_list=inside_list)
        return f"? {name}\n{' ' * indent}: {text}", _BLOCK
    text, depth = _node(item, indent + 2, indent, inside_list=inside_list)
    if depth != _BLOCK or isinstance(item, str):
        return f"{name}: {text}", depth
    column = indent + 2 if isinstance(item, dict) else indent
    return f"{name}:\n{' ' * column}{text}", depth


def _sequence(value: Sequence[object], column: int, *, inside_list: bool) -> _Node:
    nodes = [_node(item, column + 2, column + 2, inside_list=True) for item in value]
    depth = max(node[1] for node in nodes)
    if depth == 0 or (inside_list and depth < _MAX_FLOW_DEPTH):
        flow = "[" + ", ".join(text for text, _ in nodes) + "]"
        if len(flow) + column <= WIDTH:
            return flow, depth + 1
    return ("\n" + " " * column).join(f"- {text}" for text, _ in nodes), _BLOCK


# ------------------------------------------------------------------------------------ JSON
class _Open:
    """A collection being written: what is left of it, and the texts of what is done."""

    __slots__ = ("ends", "left", "spread", "texts")

    def __init__(self, value: Mapping[str, object] | Sequence[object], *, spread: bool) -> None:
        keyed = isinstance(value, dict)
        self.ends = "{}" if keyed else "[]"
        self.left = iter(value.items() if keyed else ((None, item) for item in value))  # type: ignore[union-attr]
        self.texts: list[str] = []
        self.spread = spread


def _json(value: object, width: int | None, step: str, spread: Container[str]) -> str:
    """The text of `value`. With a `width`, what does not fit it gets a line for each entry, `step` deeper.

    Machines nest as deeply as the flow does, so the open collections are a list, not calls.
    """
    root = _Open([value], spread=False)
    stack, keys = [root], [""]
    colon = ":" if width is None else ": "
    while True:
        top = stack[-1]
        for key, item in top.left:
            name = "" if key is None else encode_basestring_ascii(key) + colon
            if isinstance(item, dict | list | tuple) and item:
                stack.append(_Open(item, spread=key in spread))
                keys.append(name)
                break
            top.texts.append(name + _json_scalar(item))
        else:
            if top is root:
                return root.texts[0]
            stack.pop()
            text = _closed(top, width, step, len(stack) - 1)
            stack[-1].texts.append(keys.pop() + text)


def _closed(done: _Open, width: int | None, step: str, level: int) -> str:
    """A finished collection that stands `level` deep."""
    opening, closing = done.ends[0], done.ends[1]
    if width is None:
        return opening + ",".join(done.texts) + closing
    length = sum(map(len, done.texts)) + 2 * len(done.texts) + level * len(step)
    if not done.spread and length <= width and not any("\n" in text for text in done.texts):
        return opening + ", ".join(done.texts) + closing
    pad = "\n" + step * (level + 1)
    return opening + pad + ("," + pad).join(done.texts) + "\n" + step * level + closing


def _json_scalar(value: object) -> str:
    if isinstance(value, str):
        return value if isinstance(value, Encoded) else encode_basestring_ascii(value)
    if isinstance(value, float):
        return repr(value) if isfinite(value) else "null"
    if isinstance(value, dict):
        return "{}"
    return "[]" if isinstance(value, list | tuple) else _constant(value)
