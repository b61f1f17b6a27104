"""The HTTP of a cluster in a few lines: pods are created, deleted, listed, watched and read.

`serve(moves)` says what goes wrong, by the label `flowc.dev/step` of pods or by the kind of request; each
move is used up by one pod or request, in order:

    a step     unschedulable, image, config, oom, evicted, nodelost, vanish, silent (see `pods`)
    create     quota, small (a quota), forbidden, busy
    watch      drop (after its first event), gone (410), forgotten (a 410 among the events), forbidden
    log        drop (after its first line), unable (the node says so in its stead), forbidden
    list       unauthorized, busy
"""

from __future__ import annotations

import contextlib
import json
import re
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from tests.cluster.pods import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.cluster.certificates import Certificates

STATUSES = {
    "quota": (403, 'pods "x" is forbidden: exceeded quota: team, requested: memory=1G, used: memory=9G, limited: memory=9G'),
    "small": (403, 'pods "x" is forbidden: exceeded quota: team, requested: memory=1G, used: memory=0, limited: memory=500M'),
    "forbidden": (403, 'pods is forbidden: User "ann" cannot do that in the namespace "flows"'),
    "busy": (429, "too many requests"),
    "unauthorized": (401, "Unauthorized"),
    "gone": (410, "too old resource version"),
}  # fmt: skip


class Cluster:
    """What a test sees of it: the requests, as `POST`, `DELETE`, `GET`, `WATCH`, `LOG`, and its node.

    `callers` are who listed pods: the header that says so, or the name in a client's certificate.
    """

    def __init__(self, moves: Mapping[str, list[str]], folder: Path) -> None:
        self.moves = {where: list(those) for where, those in moves.items()}
        self.requests: list[str] = []
        self.callers: list[str] = []
        self.node = Node(self.next_move, folder)
        self.address = ""

    def next_move(self, where: str) -> str:
        """What the next pod or request of a kind is to do; "" for what is right."""
        those = self.moves.get(where) or []
        return those.pop(0) if those else ""


def serve(folder: Path, **moves: list[str]) -> AbstractContextManager[Cluster]:
    """A cluster that is reached by the kubeconfig `folder`/kubeconfig."""
    return _serving(folder, moves, None)


def serve_over_tls(folder: Path, certificates: Certificates) -> AbstractContextManager[Cluster]:
    """A cluster of which nothing goes wrong but what its certificates are for."""
    return _serving(folder, {}, certificates)


@contextmanager
def _serving(
    folder: Path, moves: Mapping[str, list[str]], certificates: Certificates | None
) -> Iterator[Cluster]:
    cluster = Cluster(moves, folder)
    handler = type("Handler", (_Handler,), {"cluster": cluster})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if certificates:
        server.socket = certificates.of_server().wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    cluster.address = f"{'https' if certificates else 'http'}://127.0.0.1:{server.server_port}"
    (folder / "kubeconfig").write_text(json.dumps(_kubeconfig(cluster.address)))
    try:
        yield cluster
    finally:
        cluster.node.shut_down()
        server.shutdown()
        server.server_close()


def _kubeconfig(address: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "test", "cluster": {"server": address}}],
        "users": [{"name": "ann", "user": {"token": "secret"}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "ann", "namespace": "flows"}}],
    }


class _Handler(BaseHTTPRequestHandler):
    cluster: Cluster
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        pod = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._refused("POST", "create"):
            self._answer(201, self.cluster.node.create(pod))

    def do_DELETE(self) -> None:
        options = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        self.cluster.requests.append("DELETE")
        name = urlsplit(self.path).path.rpartition("/")[2]
        found = self.cluster.node.delete(name, options.get("gracePeriodSeconds", 30))
        self._answer(200 if found else 404, {"message": "" if found else f'pods "{name}" not found'})

    def _caller(self) -> str:
        """Who asks."""
        if isinstance(self.connection, ssl.SSLSocket) and (shown := self.connection.getpeercert()):
            return str(re.findall(r"'commonName', '(\w+)'", str(shown["subject"]))[0])
        return self.headers.get("Authorization", "")

    def do_GET(self) -> None:
        self.cluster.callers.append(self._caller())
        parts = urlsplit(self.path)
        query = dict(parse_qsl(parts.query))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if parts.path.endswith("/log"):
                self._log(parts.path.split("/")[-2], query)
            elif "watch" in query:
                self._watch(query)
            elif not self._refused("GET", "list"):
                pods, version = self.cluster.node.listed(query["labelSelector"])
                self._answer(200, {"items": pods, "metadata": {"resourceVersion": str(version)}})

    def _watch(self, query: Mapping[str, str]) -> None:
        move = self._begin_stream("WATCH", "watch")
        if move is None:
            return
        if move == "forgotten":
            self._chunk({"type": "ERROR", "object": {"code": 410, "message": "too old"}})
        else:
            for event in self.cluster.node.events(int(query["resourceVersion"])):
                self._chunk(event)
                if move == "drop":
                    self.close_connection = True
                    return
        self.wfile.write(b"0\r\n\r\n")

    def _log(self, name: str, query: Mapping[str, str]) -> None:
        move = self._begin_stream("LOG", "log")
        if move is None:
            return
        if move == "unable":
            self._chunk(b"unable to retrieve container logs for containerd://1f")
            self.wfile.write(b"0\r\n\r\n")
            return
        for line in self.cluster.node.log(name, query.get("sinceTime", "")):
            self._chunk(line)
            if move == "drop":
                self.close_connection = True
                return
        self.wfile.write(b"0\r\n\r\n")

    def _begin_stream(self, word: str, where: str) -> str | None:
        self.cluster.requests.append(word)
        move = self.cluster.next_move(where)
        if move in STATUSES:
            self._answer(STATUSES[move][0], {"message": STATUSES[move][1]})
            return None
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        return move

    def _chunk(self, content: object) -> None:
        line = content if isinstance(content, bytes) else json.dumps(content).encode() + b"\n"
        self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
        self.wfile.flush()

    def _refused(self, word: str, where: str) -> bool:
        self.cluster.requests.append(word)
        move = self.cluster.next_move(where)
        if move:
            self._answer(STATUSES[move][0], {"message": STATUSES[move][1]})
        return bool(move)

    def _answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
