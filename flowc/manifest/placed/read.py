"""The documents of a manifest file, with FC701 and FC702 for what cannot be read as it was meant.

A text that begins like JSON is read as JSON, since YAML readers take some of it differently; only
where it is none, and the file is not called so, is it tried as YAML in flow style.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label
from flowc.manifest.placed.json import JSONFaultError, read_json
from flowc.source import Span

if TYPE_CHECKING:
    from flowc.diagnostics.model import Sink
    from flowc.manifest.placed.document import Document, Place
    from flowc.source import SourceFile


def read_manifest(file: SourceFile, sink: Sink) -> list[Document]:
    """Every document of the file that is not empty; none after FC701."""

    def repeated(before: Place, now: Place, key: str) -> None:
        first = Label(Span(file, before.key, before.key_end), "first here")
        message = f"the key `{key}` stands twice; the engines refuse it or drop the first"
        helps = ("keep one of the two",)
        place = Span(file, now.key, now.key_end)
        sink.report(catalog.DUPLICATE_KEY, place, message, secondary=(first,), helps=helps)

    if file.text.lstrip("\ufeff \t\r\n")[:1] in {"{", "["}:
        try:
            return [read_json(file, repeated)]
        except JSONFaultError as fault:
            if file.path.endswith((".json", ".asl")) or not _is_flow_style(file.text):
                _unreadable(file, "JSON", fault.reason, fault.offset, sink)
                return []
    from flowc.manifest.placed.yaml import YAMLFaultError, read_yaml

    documents: list[Document] = []
    try:
        documents += read_yaml(file, repeated)
    except YAMLFaultError as fault:
        _unreadable(file, "YAML", fault.reason, fault.offset, sink)
        return []
    return documents


def text_fault(written: str) -> str | None:
    """Why a text inside a manifest is no YAML itself; None where it is."""
    from flowc.manifest.placed.yaml import YAMLFaultError, read_yaml
    from flowc.source import SourceFile

    try:
        list(read_yaml(SourceFile("", written), lambda *_: None))
    except YAMLFaultError as fault:
        return fault.reason
    return None


def _is_flow_style(text: str) -> bool:
    """Whether a text in braces can be YAML alone: its first key is not quoted, or it has comments."""
    inner = text.lstrip("\ufeff \t\r\n")[1:].lstrip()
    return not inner.startswith('"') or "#" in text


def _unreadable(file: SourceFile, form: str, reason: str, offset: int, sink: Sink) -> None:
    at = min(offset, max(0, len(file.text) - 1))
    end = file.text.find("\n", at)
    place = Span(file, at, max(at, end if end >= 0 else len(file.text)))
    sink.report(
        catalog.UNREADABLE_MANIFEST, place, f"the file is not valid {form}: {reason}", helps=[_REMEDY[form]]
    )


_REMEDY = {
    "JSON": "repair the syntax; JSON has no comments, no trailing commas and keys in double quotes",
    "YAML": "repair the syntax; quote texts that begin with `{`, `*`, `&`, `@` or hold `: `",
}
