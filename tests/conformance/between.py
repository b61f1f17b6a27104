"""A proxy of a run's own before an engine's server: it counts what is asked, turns requests away, and can be gone.

So a run meets a busy or a lost server on an engine that others use. It takes plain HTTP, of a connection looks
at the first request, and passes everything on as it comes, over TLS where the server speaks it.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator


def answer(status: str, content: bytes, **headers: str) -> bytes:
    """A whole answer, after which the connection ends."""
    fields = {"Content-Length": str(len(content)), "Connection": "close"}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + content


BUSY = answer("429 Too Many Requests", b"busy", Retry_After="1")
EXPIRED = answer(
    "403 Forbidden",
    b'{"message": "The security token included in the request is expired"}',
    Content_Type="application/json",
    x_amzn_ErrorType="ExpiredTokenException",
)


class Between:
    """`asked` counts requests by `kind_of`; `busy` is how many of a kind get a 429.

    `refusal` is what everybody is answered from when on it is set.
    """

    def __init__(self, server: str, authority: str | None) -> None:
        self.asked: Counter[str] = Counter()
        self.busy: Counter[str] = Counter()
        self.refusal = b""
        self._server = urlsplit(server)
        self._tls = ssl.create_default_context(cafile=authority) if self._server.scheme == "https" else None
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._gone = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        """What a kubeconfig names as its server."""
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def cut(self) -> None:
        """End all connections."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def gone(self) -> Iterator[None]:
        """Nobody answers meanwhile, and all connections are cut."""
        self._gone = True
        self.cut()
        try:
            yield
        finally:
            self._gone = False

    def close(self) -> None:
        """Take no more connections, and end those that are open."""
        self._listening.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            if self._gone:
                connection.close()
            else:
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            self._open.add(connection)
            head = b""
            while b"\r\n" not in head and (piece := connection.recv(1 << 16)):
                head += piece
            kind = kind_of(head)
            self.asked[kind] += 1
            if self.refusal or self.busy[kind] > 0:
                self.busy[kind] -= not self.refusal
                _answer(connection, self.refusal or BUSY)
            else:
                self._pass_on(connection, head)
        self._open.discard(connection)

    def _pass_on(self, connection: socket.socket, head: bytes) -> None:
        with self._connected() as server, selectors.DefaultSelector() as either:
            server.sendall(head)
            either.register(connection, selectors.EVENT_READ, server)
            either.register(server, selectors.EVENT_READ, connection)
            while True:
                for key, _ in either.select():
                    if not _copied(key.fileobj, key.data):
                        return

    def _connected(self) -> socket.socket:
        host = self._server.hostname or ""
        plain = socket.create_connection((host, self._server.port or 443))
        return self._tls.wrap_socket(plain, server_hostname=host) if self._tls else plain


def _answer(connection: socket.socket, content: bytes) -> None:
    """Answer, and read what else was sent: a connection closed before is one that was reset."""
    connection.sendall(content)
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(2)
    while connection.recv(1 << 16):
        pass


def _copied(source: object, target: socket.socket) -> bool:
    """Pass on what there is; whether more may come."""
    assert isinstance(source, socket.socket)
    piece = source.recv(1 << 16)
    target.sendall(piece)
    # What TLS has decrypted already makes no socket ready.
    while piece and isinstance(source, ssl.SSLSocket) and source.pending():
        target.sendall(source.recv(1 << 16))
    return bool(piece)


def kind_of(head: bytes) -> str:
    """What a request asks: of a cluster WATCH, LOG or the method; of Batch the operation; else the method."""
    method, path = head.partition(b"\r\n")[0].decode().split(" ")[:2]
    if "watch=" in path:
        return "WATCH"
    if "/log?" in path:
        return "LOG"
    return path.removeprefix("/v1/") if path.startswith("/v1/") else method


@contextmanager
def between(server: str, authority: str | None = None) -> Iterator[Between]:
    """A proxy to `server`, whose certificate `authority` signs."""
    proxy = Between(server, authority)
    try:
        yield proxy
    finally:
        proxy.close()
