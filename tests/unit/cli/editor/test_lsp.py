"""`flowc lsp` as an editor meets it: a process that hears of texts and answers about them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from lsprotocol import types
from pygls import uris
from pygls.lsp.client import LanguageClient

from tests.commands import BROKEN, HELLO

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path


class Editor(LanguageClient):
    """An editor with files open below one folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__("editor", "1")
        self.folder = folder
        self._told: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()

        def keep(told: types.PublishDiagnosticsParams) -> None:
            self._told.put_nowait(told)

        self.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(keep)

    def uri(self, name: str) -> str:
        return uris.from_fs_path(str(self.folder / name)) or ""

    def open(self, name: str, text: str) -> None:
        item = types.TextDocumentItem(self.uri(name), "python", 1, text)
        self.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, name: str, text: str) -> None:
        document = types.VersionedTextDocumentIdentifier(2, self.uri(name))
        whole = [types.TextDocumentContentChangeWholeDocument(text)]
        self.text_document_did_change(types.DidChangeTextDocumentParams(document, whole))

    async def told(self, name: str) -> list[str]:
        """What is published next of a file: `line:column-column code`, all from 0, line by line."""
        while True:
            published = await asyncio.wait_for(self._told.get(), 20)
            if published.uri == self.uri(name):
                return [shown(d) for d in published.diagnostics]

    async def fixes(self, name: str, line: int, column: int) -> list[types.CodeAction]:
        at = types.Range(types.Position(line, column), types.Position(line, column))
        document = types.TextDocumentIdentifier(self.uri(name))
        asked = types.CodeActionParams(document, at, types.CodeActionContext([]))
        found = await self.text_document_code_action_async(asked)
        return [action for action in found or [] if isinstance(action, types.CodeAction)]

    async def hover(self, name: str, line: int, column: int) -> str:
        document = types.TextDocumentIdentifier(self.uri(name))
        found = await self.text_document_hover_async(
            types.HoverParams(document, types.Position(line, column))
        )
        return found.contents.value if found and isinstance(found.contents, types.MarkupContent) else ""


def shown(d: types.Diagnostic) -> str:
    start, end = d.range.start, d.range.end
    return f"{start.line}:{start.character}-{end.character} {d.code}"


def in_editor(folder: Path, work: Callable[[Editor], Awaitable[None]], *options: str) -> int | None:
    """Do `work` in an editor whose server is a process; the server's exit code after a good end."""

    async def session() -> int | None:
        editor = Editor(folder)
        await editor.start_io(sys.executable, "-m", "flowc", "lsp", *options)
        await editor.initialize_async(types.InitializeParams(types.ClientCapabilities()))
        editor.initialized(types.InitializedParams())
        await work(editor)
        await editor.shutdown_async(None)
        editor.exit(None)
        server = editor._server  # pygls's client has no other way to its process
        code = await asyncio.wait_for(server.wait(), 20) if server else None
        await editor.stop()  # type: ignore[no-untyped-call]
        return code

    return asyncio.run(asyncio.wait_for(session(), 60))


def test_faults_come_and_go_with_the_text(tmp_path: Path) -> None:
    async def work(editor: Editor) -> None:
        editor.open("flow.py", BROKEN)
        assert await editor.told("flow.py") == ["6:18-27 FC203"]
        editor.change("flow.py", HELLO)
        assert await editor.told("flow.py") == []

    assert in_editor(tmp_path, work) == 0


def test_columns_are_the_editors(tmp_path: Path) -> None:
    wide = BROKEN.replace("self.next(self.done)", "x = '😀é'; self.next(self.done)")

    async def work(editor: Editor) -> None:
        editor.open("flow.py", wide)
        # An editor counts UTF-16 units unless it says otherwise: the face is two of them.
        assert await editor.told("flow.py") == ["6:29-38 FC203"]

    in_editor(tmp_path, work)


def test_a_fix_is_offered_where_the_fault_is(tmp_path: Path) -> None:
    misspelt = HELLO.replace("self.end)", "self.ennd)")

    async def work(editor: Editor) -> None:
        editor.open("flow.py", misspelt)
        assert await editor.told("flow.py")
        (fix,) = await editor.fixes("flow.py", 6, 20)
        assert fix.edit is not None
        ((uri, (edit,)),) = (fix.edit.changes or {}).items()
        assert (uri, edit.new_text) == (editor.uri("flow.py"), "end")
        assert await editor.fixes("flow.py", 0, 0) == []

    in_editor(tmp_path, work)


def test_hovering_shows_the_page_of_the_rule(tmp_path: Path) -> None:
    async def work(editor: Editor) -> None:
        editor.open("flow.py", BROKEN)
        await editor.told("flow.py")
        assert (await editor.hover("flow.py", 6, 20)).startswith("# FC203: ")
        assert await editor.hover("flow.py", 0, 0) == ""

    in_editor(tmp_path, work)


def test_an_open_module_counts_as_the_editor_has_it(tmp_path: Path) -> None:
    base = HELLO.replace("Hello", "Base")
    (tmp_path / "base.py").write_text("nothing = 0\n")
    own = "from base import Base\n\n\nclass Own(Base):\n    pass\n"

    async def work(editor: Editor) -> None:
        editor.open("base.py", base)
        assert await editor.told("base.py") == []
        editor.open("own.py", own)
        assert await editor.told("base.py") == []
        editor.change("base.py", base.replace("self.end)", "self.done)"))
        assert await editor.told("base.py") == ["6:18-27 FC203"]

    in_editor(tmp_path, work)


def test_files_that_hold_no_flow_are_passed_over(tmp_path: Path) -> None:
    async def work(editor: Editor) -> None:
        editor.open("notes.txt", "self.next(")
        editor.open("other.py", "def broken(:\n")
        assert await editor.told("other.py") == []

    in_editor(tmp_path, work)


@pytest.mark.parametrize(("target", "told"), [("argo", ["4:5-10 FC602"]), ("stepfunctions", [])])
def test_the_project_says_for_which_target(tmp_path: Path, target: str, told: list[str]) -> None:
    (tmp_path / "flowc.toml").write_text(f'targets = ["{target}"]\n')
    on_batch = HELLO.replace("import FlowSpec", "import batch, FlowSpec")
    on_batch = on_batch.replace("    @step\n    def start", '    @batch(queue="q")\n    @step\n    def start')

    async def work(editor: Editor) -> None:
        editor.open("flow.py", on_batch)
        assert await editor.told("flow.py") == told

    in_editor(tmp_path, work)


@pytest.mark.parametrize(
    "said", [b"", b"GET / HTTP/1.1\r\n\r\n", b"Content-Length: 9\r\n\r\n{not json", b"\xff\xfe\x00"]
)
def test_a_server_whose_editor_is_gone_ends(said: bytes) -> None:
    words = [sys.executable, "-m", "flowc", "lsp"]
    done = subprocess.run(words, input=said, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0
