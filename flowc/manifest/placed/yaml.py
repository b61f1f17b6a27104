"""YAML with places, resolved as Kubernetes' tools resolve it.

They differ from PyYAML: a date is a string, `1:30` is one too, `1e3` is a number, and `y` a boolean in an object of Kubernetes. CloudFormation's
short tags (`!Ref`, `!Sub`, …) become the functions they stand for. Aliases are followed, up to a
size that no manifest reaches, so that a few lines cannot become gigabytes.

Invariant: values are plain (dict with string keys, list, str, int, float, bool, None).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

from flowc.manifest.placed.document import DEEPEST, Document, Path, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowc.source import SourceFile

_MOST_VALUES = 400_000
_INT = re.compile(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?")
_BOOL = {"true": True, "false": False, "yes": True, "no": False, "on": True, "off": False}
_SHORT_BOOL = {"y": True, "Y": True, "n": False, "N": False}  # PyYAML takes these for texts
_TAB = "a tab stands where YAML takes blanks alone"
_TAG = "tag:yaml.org,2002:"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class YAMLFaultError(Exception):
    """Why a text is no YAML that can be used, and the offset at which that shows."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.offset = offset


def read_yaml(file: SourceFile, repeated: Callable[[Place, Place, str], None]) -> Iterator[Document]:
    """The documents of a stream, empty ones left out. `repeated` is told both places of an equal key.

    Raises YAMLFaultError, with the character at which the stream cannot be read.
    """
    loader = _Loader(file.text)
    try:
        check_depth(file.text)
        while loader.check_node():
            node = loader.get_node()
            builder = _Builder(file, repeated, has_short_bools=_is_object(node))
            value = builder.value(node, (), (0, 0)) if node else None
            if value is not None:
                yield Document(file, value, builder.places)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = mark.index if mark else 0
        reason = _TAB if file.text[at : at + 1] == "\t" else error.problem or str(error)
        raise YAMLFaultError(reason, at) from None
    except yaml.YAMLError as error:
        raise YAMLFaultError(str(error).partition("\n")[0], getattr(error, "position", 0) or 0) from None
    except RecursionError:
        raise YAMLFaultError("it is nested too deeply", 0) from None
    finally:
        loader.dispose()


def check_depth(text: str) -> None:
    """Refuse what is nested so deeply that libyaml's composer, which recurses in C, would end the process.

    Its parser does not recurse; it is asked only where a text could be nested so at all. Raises
    YAMLFaultError.
    """
    widest = max(map(len, text.split("\n")))
    if text.count("[") + text.count("{") < DEEPEST and widest < DEEPEST:
        return
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise YAMLFaultError(
                    "it is nested too deeply", event.start_mark.index if event.start_mark else 0
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Builder:
    """Values of one document, out of its nodes."""

    def __init__(
        self, file: SourceFile, repeated: Callable[[Place, Place, str], None], *, has_short_bools: bool
    ) -> None:
        self.places: dict[Path, Place] = {}
        self._text = file.text
        self._repeated = repeated
        self._has_short_bools = has_short_bools
        self._open: set[int] = set()

    def value(self, node: yaml.Node, path: Path, key: tuple[int, int]) -> object:
        """The value of a node, whose parts get their places."""
        start = node.start_mark.index
        if id(node) in self._open:
            raise YAMLFaultError("an alias stands inside what it stands for", start)
        if len(self.places) > _MOST_VALUES:
            raise YAMLFaultError("its aliases stand for too much", start)
        self._open.add(id(node))
        self.places[path] = Place(*key, start, self._end(node))
        value = self._inner(node, path)
        self._open.discard(id(node))
        if node.tag.startswith("!") and len(node.tag) > 1:
            return self._function(node.tag[1:], value, path)
        return value

    def _inner(self, node: yaml.Node, path: Path) -> object:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index), (0, 0)) for index, item in enumerate(node.value)]
        return self._plain(node) if isinstance(node, yaml.ScalarNode) else None

    def _plain(self, node: yaml.ScalarNode) -> object:
        value = _scalar(node)
        is_short = self._has_short_bools and not node.style and isinstance(value, str)
        return _SHORT_BOOL[value] if is_short and value in _SHORT_BOOL else value

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, object]:
        found: dict[str, object] = {}
        merged: list[yaml.Node] = []
        for key, value in node.value:
            if key.tag == _TAG + "merge":
                merged.append(value)
                continue
            name = _key(key)
            before = self.places.get((*path, name))
            found[name] = self.value(value, (*path, name), (key.start_mark.index, self._end(key)))
            if before is not None:
                self._repeated(before, self.places[(*path, name)], name)
        for value in merged:
            self._merge(value, path, found)
        return found

    def _merge(self, node: yaml.Node, path: Path, found: dict[str, object]) -> None:
        """What `<<` brings in: keys that the mapping does not have itself."""
        if isinstance(node, yaml.SequenceNode):
            for item in node.value:
                self._merge(item, path, found)
            return
        if not isinstance(node, yaml.MappingNode):
            raise YAMLFaultError("`<<` takes a mapping", node.start_mark.index)
        for key, value in node.value:
            if key.tag == _TAG + "merge":
                self._merge(value, path, found)
            elif (name := _key(key)) not in found:
                found[name] = self.value(value, (*path, name), (key.start_mark.index, self._end(key)))

    def _function(self, tag: str, value: object, path: Path) -> object:
        """`!Ref x` is `{Ref: x}`, `!Sub x` is `{"Fn::Sub": x}`, `!GetAtt a.b` names a resource and its attribute."""
        name = tag if tag in {"Ref", "Condition"} else f"Fn::{tag}"
        if name == "Fn::GetAtt" and isinstance(value, str):
            value = list(value.partition(".")[::2])
        own = self.places[path]
        for at in [at for at in self.places if at[: len(path)] == path and at != path]:
            self.places[(*path, name, *at[len(path) :])] = self.places.pop(at)
        self.places[(*path, name)] = own
        return {name: value}

    def _end(self, node: yaml.Node) -> int:
        """Where a node ends; a block ends with its last line, not where the next one begins."""
        start, end = node.start_mark.index, node.end_mark.index
        if isinstance(node, yaml.ScalarNode):
            return int(end)
        return int(start) + len(self._text[start:end].rstrip())


def _is_object(node: yaml.Node | None) -> bool:
    """Whether a document is an object of Kubernetes."""
    keys = (key.value for key, _ in node.value) if isinstance(node, yaml.MappingNode) else ()
    return {"apiVersion", "kind"} <= {key for key in keys if isinstance(key, str)}


def _key(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise YAMLFaultError("a key is a mapping or a list", node.start_mark.index)
    return str(node.value)


def _scalar(node: yaml.ScalarNode) -> object:
    text: str = node.value
    if node.tag == _TAG + "null":
        return None
    if node.style or not node.tag.startswith(_TAG) or node.tag in {_TAG + "binary", _TAG + "timestamp"}:
        return text
    if node.tag == _TAG + "bool":
        return _BOOL[text.lower()]
    return _number(text)


def _number(text: str) -> object:
    """A plain text as the number it looks like, else itself."""
    if not text[:1].isdigit() and text[:1] not in {"-", "+", "."}:
        return text
    plain = text.replace("_", "")
    if len(text) < 400 and _INT.fullmatch(text):
        sign, digits = (plain[0], plain[1:]) if plain[0] in "+-" else ("", plain)
        if digits[:1] == "0" and digits.isdigit() and len(digits) > 1:
            digits = "0o" + digits  # YAML 1.1's octal
        return int(sign + digits, 0)
    if _FLOAT.fullmatch(text):
        return float(plain)
    return {".inf": float("inf"), "-.inf": float("-inf"), ".nan": float("nan")}.get(text.lower(), text)
