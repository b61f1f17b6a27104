"""An S3 server in a few lines that fails as it is told to.

Each request takes the next move of its script, and once that is at its end all go well:

    503, SlowDown, NoSuchBucket …   an error of that code
    cut                             half of the answer's body, then the end of the connection
    drop                            the end of the connection instead of an answer
    stored                          the request is carried out, and its answer lost
    slow                            no answer until the client has given up
    late                            an answer after half a second
    careless                        a conditional write is carried out as if it had no condition
"""

from __future__ import annotations

import contextlib
import random
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STATUS = {
    "SlowDown": 503,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "InvalidRange": 416,
    "PreconditionFailed": 412,
}
STATUS |= {
    "ConditionalRequestConflict": 409,
    "InternalError": 500,
    "NotImplemented": 501,
    "NoSuchUpload": 404,
}


class BadServer(ThreadingHTTPServer):
    """Objects in memory by their path; `log` has one line for each request, `METHOD what move`."""

    daemon_threads = True

    def __init__(self, moves: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.moves = moves.split()
        self.choose: Callable[[], str] = lambda: "ok"
        self.objects: dict[str, bytes] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.log: list[str] = []
        self.given_up = threading.Event()
        self.turn = threading.Lock()

    def take(self, what: str) -> str:
        with self.turn:
            move = self.moves.pop(0) if self.moves else self.choose()
            self.log.append(f"{what} {move}".removesuffix(" ok"))
        return move


@contextlib.contextmanager
def serving(moves: str) -> Iterator[BadServer]:
    """A server that runs in its own thread."""
    yield from _running(BadServer(moves))


@contextlib.contextmanager
def serving_badly(seed: int, share: float, moves: str) -> Iterator[BadServer]:
    """A server that makes one of the moves, by chance, on this share of all requests."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    server = BadServer("")
    server.choose = lambda: chance.choice(moves.split()) if chance.random() < share else "ok"
    yield from _running(server)


def _running(server: BadServer) -> Iterator[BadServer]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.given_up.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: BadServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """The test reads `log`."""

    def _go(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = urlsplit(self.path)
        query = parse_qs(parts.query, keep_blank_values=True)
        kind = next((name for name in ("uploads", "partNumber", "uploadId") if name in query), "")
        move = self.server.take(f"{self.command} {kind}".strip())
        if move == "slow":
            self.server.given_up.wait(20)
        if move == "late":
            self.server.given_up.wait(0.5)
            move = "ok"
        if move in ("drop", "slow"):
            self._end()
        elif move in ("ok", "cut", "stored", "careless"):
            code, answer, headers = self._carry_out(unquote(parts.path), query, body, move)
            if move == "stored":
                self._end()
            else:
                self._answer(code, answer, headers, cut=move == "cut")
        else:
            self._fail(move)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _go  # noqa: N815 - the base class's names

    def _carry_out(
        self, path: str, query: dict[str, list[str]], body: bytes, move: str
    ) -> tuple[str, bytes, dict[str, str]]:
        objects, uploads = self.server.objects, self.server.uploads
        match self.command:
            case "PUT" if "partNumber" in query:
                uploads[path][int(query["partNumber"][0])] = body
            case "PUT":
                with self.server.turn:
                    if self.headers.get("If-None-Match") and path in objects and move != "careless":
                        return "PreconditionFailed", b"", {}
                    objects[path] = body
            case "POST" if "uploads" in query:
                uploads[path] = {}
                return (
                    "ok",
                    b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>",
                    {},
                )
            case "POST":
                parts = uploads.pop(path)
                objects[path] = b"".join(parts[number] for number in sorted(parts))
                return "ok", b"<CompleteMultipartUploadResult/>", {}
            case "DELETE":
                uploads.pop(path, None)
            case _ if "list-type" in query:
                return "ok", self._listing(path, query), {}
            case _ if path not in objects:
                return "NoSuchKey", b"", {}
            case _:
                return self._part_of(objects[path])
        return "ok", b"", {"ETag": '"e"'}

    def _listing(self, path: str, query: dict[str, list[str]]) -> bytes:
        """What is directly below a prefix that ends at a `/`."""
        bucket = path.rstrip("/") + "/"
        prefix = query.get("prefix", [""])[0]
        below = [
            key[len(bucket + prefix) :]
            for key in list(self.server.objects)
            if key.startswith(bucket + prefix)
        ]
        folders = sorted({name.partition("/")[0] + "/" for name in below if "/" in name})
        rows = [
            f"<Contents><Key>{escape(prefix + name)}</Key></Contents>" for name in below if "/" not in name
        ]
        rows += [f"<CommonPrefixes><Prefix>{escape(prefix + f)}</Prefix></CommonPrefixes>" for f in folders]
        return f"<ListBucketResult>{''.join(rows)}</ListBucketResult>".encode()

    def _part_of(self, content: bytes) -> tuple[str, bytes, dict[str, str]]:
        asked = self.headers.get("Range")
        if asked is None:
            return "ok", content, {}
        first, last = (int(number) for number in asked.removeprefix("bytes=").split("-"))
        if first >= len(content):
            return "InvalidRange", b"", {}
        found = content[first : last + 1]
        return "part", found, {"Content-Range": f"bytes {first}-{last}/{len(content)}"}

    def _answer(self, code: str, body: bytes, headers: dict[str, str], *, cut: bool) -> None:
        if code not in ("ok", "part"):
            self._fail(code)
            return
        self.send_response(206 if code == "part" else 200)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self._end()

    def _fail(self, code: str) -> None:
        body = f"<Error><Code>{code}</Code><Message>so it is told</Message></Error>".encode()
        self.send_response(STATUS.get(code, 400 if not code.isdigit() else int(code)))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _end(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(2)
