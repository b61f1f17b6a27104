"""HTTP/1.1 as the API server speaks it, on asyncio's own streams: an answer at once, or one that goes on.

A watch and the log of a task last as long as the task, and there may be hundreds of them; each is a
connection here and no thread. A connection carries one request.

Invariant: whatever is wrong with a connection is an OSError (TimeoutError among them) or Broken.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Mapping

_CONNECT_SECONDS = 10
_ANSWER_SECONDS = 60
_CHUNK = 1 << 16
_KEEPALIVE = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))  # seconds, seconds, probes


class Broken(Exception):  # noqa: N818 - what happened
    """The connection ended in the middle of an answer, or what came is no HTTP."""


class Proxy(NamedTuple):
    """What stands between: `login` is what a request to it says of who asks, "" for nothing."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    login: str = ""


class Server(NamedTuple):
    """Where requests go: `prefix` stands before every path, `name` is what the certificate must say."""

    host: str
    port: int
    prefix: str = ""
    tls: ssl.SSLContext | None = None
    name: str | None = None
    proxy: Proxy | None = None


class Answer(NamedTuple):
    """A whole answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Reply:
    """An answer whose body comes as it comes."""

    def __init__(self, status: int, headers: Mapping[str, str], reader: asyncio.StreamReader) -> None:
        self.status = status
        self.headers = headers
        self._reader = reader

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body, piece by piece, to its end. Raises Broken where that comes too early."""
        try:
            if self.headers.get("transfer-encoding", "").lower() == "chunked":
                async for chunk in self._chunked():
                    yield chunk
                return
            left = int(self.headers.get("content-length", -1))
            while left and (chunk := await self._reader.read(_CHUNK)):
                left -= len(chunk)
                yield chunk
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError) as error:
            raise Broken(f"the answer ended early ({error})") from error
        if left > 0:
            raise Broken(f"the answer ended {left} bytes early")

    async def _chunked(self) -> AsyncIterator[bytes]:
        while True:
            line = await self._reader.readline()
            left = int(line.partition(b";")[0], 16)
            if not left:
                return
            while left:
                piece = await self._reader.read(min(left, _CHUNK))
                if not piece:
                    raise asyncio.IncompleteReadError(b"", left)
                left -= len(piece)
                yield piece
            await self._reader.readexactly(2)


async def ask(
    server: Server, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
) -> Answer:
    """A request and its whole answer. Raises OSError, Broken."""
    async with asyncio.timeout(_ANSWER_SECONDS), opened(server, method, path, headers, body) as reply:
        content = b"".join([chunk async for chunk in reply.chunks()])
        return Answer(reply.status, reply.headers, content)


@asynccontextmanager
async def opened(
    server: Server, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None
) -> AsyncIterator[Reply]:
    """A request whose answer goes on for as long as the context does. Raises OSError, Broken."""
    async with asyncio.timeout(_CONNECT_SECONDS):
        reader, writer = await (
            _connected(server) if server.proxy is None else _through(server, server.proxy)
        )
    try:
        _keep_alive(writer)
        writer.write(_head(server, method, path, headers, body) + (body or b""))
        async with asyncio.timeout(_ANSWER_SECONDS):
            await writer.drain()
            reply = await _reply(reader)
        yield reply
    finally:
        # No polite end of TLS: the other side may be gone.
        writer.transport.abort()


async def _connected(server: Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    name = server.name if server.tls else None
    return await asyncio.open_connection(server.host, server.port, ssl=server.tls, server_hostname=name)


async def _through(server: Server, proxy: Proxy) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the server by way of a proxy, which sees nothing of it but its end."""
    reader, writer = await asyncio.open_connection(proxy.host, proxy.port, ssl=proxy.tls)
    try:
        await _dig(reader, writer, server, proxy)
    except BaseException:
        writer.transport.abort()
        raise
    return reader, writer


async def _dig(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, server: Server, proxy: Proxy
) -> None:
    """Have the proxy connect, and speak TLS from there on as with the server itself."""
    login = f"Proxy-Authorization: {proxy.login}\r\n" if proxy.login else ""
    place = _authority(server)
    writer.write(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n{login}\r\n".encode())
    reply = await _reply(reader)
    if reply.status != 200:
        raise Broken(f"the proxy {proxy.host}:{proxy.port} answers {reply.status} for {place}")
    if server.tls:
        await writer.start_tls(server.tls, server_hostname=server.name)


def _keep_alive(writer: asyncio.StreamWriter) -> None:
    """Have the kernel find out that the other side is gone while nothing is to be read."""
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _KEEPALIVE:
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _head(server: Server, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    fields = {"Host": _authority(server), "User-Agent": "flowc", "Connection": "close", **headers}
    if body is not None:
        fields["Content-Length"] = str(len(body))
    lines = [
        f"{method} {server.prefix}{path} HTTP/1.1",
        *(f"{name}: {value}" for name, value in fields.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def _authority(server: Server) -> str:
    host = f"[{server.host}]" if ":" in server.host else server.host
    return f"{host}:{server.port}"


async def _reply(reader: asyncio.StreamReader) -> Reply:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")[:-2]
        status = int(first.split(" ")[1])
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, IndexError) as error:
        raise Broken(f"what answers is no API server ({error})") from error
    fields = (line.partition(":") for line in lines)
    return Reply(status, {name.strip().lower(): value.strip() for name, _, value in fields}, reader)
