"""A Kubernetes API server in a page: the kinds flowc uses, server-side apply, and refusals as it is told.

`forbidden` holds `verb plural` pairs, `unserved` plurals whose kind is not installed, `owners` managers of
objects by `plural/name`, whose fields only a forced apply takes over. `log` has a line for each request that
changes something. `accepts` is the token that must be sent.
"""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Object = dict[str, Any]
TOKEN = "let-me-in"  # noqa: S105 - of this server
MADE = "2026-01-01T00:00:00Z"
_VERBS = {"GET": "get", "PATCH": "patch", "POST": "create", "DELETE": "delete"}


class KubeServer(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.objects: dict[str, Object] = {}  # namespace/plural/name
        self.namespaces = {"default", "flows"}
        self.forbidden: set[str] = set()
        self.unserved: set[str] = set()
        self.owners: dict[str, str] = {}
        self.log: list[str] = []
        self.accepts = TOKEN
        self.version = 0
        self.busy = 0  # requests that are turned away

    def stamp(self, content: Object) -> Object:
        self.version += 1
        content["metadata"]["resourceVersion"] = str(self.version)
        content["metadata"].setdefault("creationTimestamp", MADE)
        return content

    def put(self, plural: str, content: Object, namespace: str = "default") -> Object:
        """An object that is there already."""
        name = content["metadata"]["name"]
        self.objects[f"{namespace}/{plural}/{name}"] = self.stamp(content)
        return content

    def kubeconfig(self, path: Path, namespace: str | None = None) -> Path:
        context = {"cluster": "c", "user": "u"} | ({"namespace": namespace} if namespace else {})
        content = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "here",
            "contexts": [{"name": "here", "context": context}],
            "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{self.server_port}"}}],
            "users": [{"name": "u", "user": {"token": TOKEN}}],
        }
        path.write_text(json.dumps(content))
        return path


@contextlib.contextmanager
def kube_server() -> Iterator[KubeServer]:
    with KubeServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: KubeServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.answer()

    do_PATCH = do_POST = do_DELETE = do_GET  # noqa: N815 - the names are the library's

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        content = json.loads(self.rfile.read(length)) if length else {}
        address = urlsplit(self.path)
        _, _, tail = address.path.partition("/namespaces/")
        namespace, plural, name = (*tail.split("/"), "")[:3]
        verb = "list" if self.command == "GET" and not name else _VERBS[self.command]
        if verb in {"patch", "create", "delete"}:
            self.server.log.append(f"{verb} {plural}/{name}")
        if self.server.busy:
            self.server.busy -= 1
            return self.fail(503, "the server is currently unable to handle the request")
        if self.headers.get("Authorization") != f"Bearer {self.server.accepts}":
            return self.fail(401, "Unauthorized")
        if plural in self.server.unserved:
            return self.send(404, b"404 page not found\n", "text/plain")
        if f"{verb} {plural}" in self.server.forbidden:
            return self.fail(
                403, f'{plural} "{name}" is forbidden: User "eve" cannot {verb} resource "{plural}"'
            )
        query = {key: values[-1] for key, values in parse_qs(address.query).items()}
        return getattr(self, verb)(namespace, plural, name, content, query)  # type: ignore[no-any-return]

    def get(self, namespace: str, plural: str, name: str, _: Object, __: object) -> None:
        found = self.server.objects.get(f"{namespace}/{plural}/{name}")
        self.give(200, found) if found else self.missing(plural, name)

    def list(self, namespace: str, plural: str, _: str, __: Object, query: dict[str, str]) -> None:
        found = [o for key, o in self.server.objects.items() if key.startswith(f"{namespace}/{plural}/")]
        chosen = [o for o in found if _selected(o, query.get("labelSelector", ""))]
        at, size = int(query.get("continue", "0")), int(query.get("limit", "500"))
        following = {"continue": str(at + size)} if len(chosen) > at + size else {}
        self.give(200, {"items": chosen[at : at + size], "metadata": following})

    def patch(self, namespace: str, plural: str, name: str, content: Object, query: dict[str, str]) -> None:
        key = f"{namespace}/{plural}/{name}"
        known = self.server.objects.get(key)
        if self.headers["Content-Type"] == "application/merge-patch+json":
            if known is None:
                return self.missing(plural, name)
            known["spec"] |= content["spec"]
            return self.give(200, self.server.stamp(known))
        if namespace not in self.server.namespaces:
            return self.missing("namespaces", namespace)
        owner = self.server.owners.get(f"{plural}/{name}")
        if owner and query["force"] != "true":
            causes = [{"field": ".spec.parallelism"}]
            message = f'Apply failed with 1 conflict: conflict with "{owner}": .spec.parallelism'
            return self.fail(409, message, {"causes": causes})
        if known is not None and _said(known) == _said(content):
            return self.give(200, known)
        metadata = {**content["metadata"], "namespace": namespace}
        made = {**content, "metadata": metadata}
        self.server.objects[key] = self.server.stamp(made)
        return self.give(200 if known else 201, made)

    def create(self, namespace: str, plural: str, _: str, content: Object, __: object) -> None:
        if namespace not in self.server.namespaces:
            return self.missing("namespaces", namespace)
        metadata = content["metadata"]
        metadata.setdefault("name", metadata.get("generateName", "") + f"x{self.server.version}")
        return self.give(201, self.server.put(plural, content, namespace))

    def delete(self, namespace: str, plural: str, name: str, _: Object, __: object) -> None:
        found = self.server.objects.pop(f"{namespace}/{plural}/{name}", None)
        self.give(200, found) if found else self.missing(plural, name)

    def missing(self, plural: str, name: str) -> None:
        self.fail(404, f'{plural} "{name}" not found', {"name": name, "kind": plural})

    def fail(self, status: int, message: str, about: Object | None = None) -> None:
        self.give(status, {"kind": "Status", "message": message, "details": about or {}})

    def give(self, status: int, content: object) -> None:
        self.send(status, json.dumps(content).encode(), "application/json")

    def send(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _said(content: Object) -> Object:
    """An object without what the server adds."""
    server_side = {"resourceVersion", "creationTimestamp", "namespace"}
    metadata = {k: v for k, v in content["metadata"].items() if k not in server_side}
    return {**{k: v for k, v in content.items() if k != "status"}, "metadata": metadata}


def _selected(content: Object, selector: str) -> bool:
    labels = content["metadata"].get("labels") or {}
    for term in filter(None, selector.split(",")):
        key, unequal, value = term.partition("!=") if "!=" in term else term.partition("=")
        if (labels.get(key) == value) == (unequal == "!="):
            return False
    return True
