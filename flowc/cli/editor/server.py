"""The language server: it hears of texts, judges them all and publishes what it found.

Invariant: a file that lost its last fault is told so; what is published fits the texts as they are
now, since every change is judged whole (a check takes milliseconds).
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls import uris
from pygls.lsp.server import LanguageServer

from flowc import __version__
from flowc.cli.editor import protocol
from flowc.cli.editor.findings import find_all
from flowc.cli.explain import page_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flowc.diagnostics.model import Diagnostic

_TEXTS_CHANGE = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_SAVE,  # another open flow may read the saved file
    types.TEXT_DOCUMENT_DID_CLOSE,
)


class FlowcServer(LanguageServer):
    """One editor's server: what it last found, by file."""

    def __init__(self, targets: Sequence[str], profile: str | None) -> None:
        super().__init__("flowc", __version__)
        self._judge = partial(find_all, targets=targets, profile=profile)
        self._found: dict[str, list[Diagnostic]] = {}

    def judge(self) -> None:
        """Judge all open texts and publish what was found, and that nothing was."""
        texts = {d.path: d.source for d in self.workspace.text_documents.values() if d.path.endswith(".py")}
        before, self._found = self._found, self._judge(texts)
        for path in {**texts, **before, **self._found}:
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(
                    uri=uris.from_fs_path(path) or "",
                    diagnostics=[protocol.diagnostic(d, self.units) for d in self._found.get(path, ())],
                )
            )

    def units(self, text: str) -> int:
        """How many columns a text has, as agreed with the editor."""
        count: int = self.workspace.position_codec.client_num_units(text)
        return count

    def touching(self, uri: str, wanted: types.Range) -> Iterator[Diagnostic]:
        """What was found in a part of a file."""
        for found in self._found.get(uris.to_fs_path(uri) or "", ()):
            own = protocol.span_range(found.primary.span, self.units)
            if _before_or_at(own.start, wanted.end) and _before_or_at(wanted.start, own.end):
                yield found


def _before_or_at(left: types.Position, right: types.Position) -> bool:
    return (left.line, left.character) <= (right.line, right.character)


def serve(targets: Sequence[str], profile: str | None) -> None:
    """Serve on standard input and output until the editor says `exit` or is gone."""
    server = FlowcServer(targets, profile)
    for name in _TEXTS_CHANGE:
        server.feature(name)(lambda _told: server.judge())
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION)(lambda asked: _fixes(server, asked))
    server.feature(types.TEXT_DOCUMENT_HOVER)(lambda asked: _explanation(server, asked))
    # pygls closes the streams that it serves on; the command's own output stays open for its end.
    server.start_io(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))


def _fixes(server: FlowcServer, asked: types.CodeActionParams) -> list[types.CodeAction]:
    found = server.touching(asked.text_document.uri, asked.range)
    return [action for one in found for action in protocol.actions(one, server.units)]


def _explanation(server: FlowcServer, asked: types.HoverParams) -> types.Hover | None:
    here = types.Range(asked.position, asked.position)
    for found in server.touching(asked.text_document.uri, here):
        text = types.MarkupContent(types.MarkupKind.Markdown, page_of(found.rule))
        return types.Hover(text, protocol.span_range(found.primary.span, server.units))
    return None
