"""The connection to a cluster: its API over HTTP, with the configuration that `kubectl` uses.

Of the official client only its configuration and connection pool are used, which read kubeconfig
files, run credential plugins and check certificates; objects are plain JSON, so that no version of
the client decides which fields exist.

Invariant: whatever goes wrong is a DeployFault that says what to do; nothing is sent twice.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from flowc.deploy.faults import DeployFault, Unreachable
from flowc.launch.kubernetes.kubeconfig import NoCluster, first_line, from_configuration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from flowc.deploy.argo.kinds import Kind

    Object = dict[str, Any]

FIELD_MANAGER = "flowc"
_CONNECT_SECONDS, _READ_SECONDS = 10, 60
_PAGE = 100  # objects of one list request: a workflow may be 1 MiB
_JSON = "application/json"
APPLY = "application/apply-patch+yaml"  # JSON is YAML
MERGE = "application/merge-patch+json"
_NAMES_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"


class Answer(NamedTuple):
    """An HTTP status and the object that came with it; `text` where it was no JSON object."""

    status: int
    content: Object
    text: str = ""

    @property
    def message(self) -> str:
        """What the server says of an error."""
        return str(self.content.get("message") or self.text.strip() or f"HTTP {self.status}")

    @property
    def about(self) -> Object:
        """What an error is about: kind, name, causes."""
        found = self.content.get("details")
        return found if isinstance(found, dict) else {}


class Cluster:
    """A namespace of a cluster. `pool` and `headers` are the official client's."""

    def __init__(self, host: str, namespace: str, pool: Any, headers: Mapping[str, str]) -> None:  # noqa: ANN401
        self.host = host.rstrip("/")
        self.namespace = namespace
        self._pool = pool
        self._headers = headers

    def get(self, kind: Kind, name: str) -> Object | None:
        """An object; None where there is none of the name."""
        answer = self._request("GET", kind, name)
        return None if answer.status == 404 else answer.content

    def apply(self, kind: Kind, content: Object, *, force: bool) -> Object:
        """Make an object what `content` says by server-side apply; what the server holds afterwards."""
        query = {"fieldManager": FIELD_MANAGER, "force": "true" if force else "false"}
        return self._sent("PATCH", kind, content["metadata"]["name"], query, content, APPLY)

    def create(self, kind: Kind, content: Object) -> Object:
        """A new object."""
        return self._sent("POST", kind, "", {"fieldManager": FIELD_MANAGER}, content, _JSON)

    def merge(self, kind: Kind, name: str, content: Object) -> Object:
        """Change the fields of an object that `content` has."""
        return self._sent("PATCH", kind, name, {"fieldManager": FIELD_MANAGER}, content, MERGE)

    def delete(self, kind: Kind, name: str) -> bool:
        """Remove an object; False where there was none."""
        return self._request("DELETE", kind, name).status != 404

    def names(self, kind: Kind, selector: str = "") -> Iterator[Object]:
        """The objects of a kind with their metadata alone."""
        return self._pages(kind, selector, _NAMES_ONLY)

    def objects(self, kind: Kind, selector: str = "") -> Iterator[Object]:
        """The objects of a kind, whole."""
        return self._pages(kind, selector, _JSON)

    def _pages(self, kind: Kind, selector: str, accept: str) -> Iterator[Object]:
        query = {"limit": str(_PAGE)} | ({"labelSelector": selector} if selector else {})
        while True:
            content = self._request("GET", kind, "", query, accept=accept, verb="list").content
            yield from content.get("items") or ()
            following = (content.get("metadata") or {}).get("continue")
            if not following:
                return
            query["continue"] = following

    def _sent(
        self, method: str, kind: Kind, name: str, query: Mapping[str, str], content: Object, form: str
    ) -> Object:
        from flowc.deploy.argo.refusals import absent

        answer = self._request(method, kind, name, query, content, form)
        if answer.status == 404:
            raise absent(self, kind, name, answer)
        return answer.content

    def _request(
        self,
        method: str,
        kind: Kind,
        name: str,
        query: Mapping[str, str] | None = None,
        content: Object | None = None,
        form: str = _JSON,
        accept: str = _JSON,
        verb: str = "",
    ) -> Answer:  # fmt: skip
        """Ask; 404 of a single object is an answer, every other error a fault."""
        from flowc.deploy.argo.refusals import is_absent, refusal

        path = kind.path(self.namespace, name) + (f"?{urlencode(query)}" if query else "")
        body = None if content is None else json.dumps(content).encode()
        answer = self._exchange(method, path, body, {"Content-Type": form, "Accept": accept})
        if answer.status < 300 or is_absent(answer, name):
            return answer
        raise refusal(self, kind, name, verb or method.lower(), answer)

    def _exchange(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        import urllib3

        wait = urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS)
        every = {**self._headers, **headers, "User-Agent": FIELD_MANAGER}
        try:
            got = self._pool.request(
                method, self.host + path, body=body, headers=every, timeout=wait, retries=False
            )
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise Unreachable(
                f"the cluster at {self.host} does not answer: {first_line(error)}; look at `kubectl cluster-info`, "
                "the network, and the current context of the kubeconfig"
            ) from error
        return _answer(got.status, got.data)


def _answer(status: int, content: bytes) -> Answer:
    try:
        read = json.loads(content)
    except ValueError:
        return Answer(status, {}, content.decode(errors="replace"))
    return Answer(status, read) if isinstance(read, dict) else Answer(status, {}, str(read))


def connect(context: str | None, namespace: str | None) -> Cluster:
    """The cluster that the kubeconfig (else the pod around this process) names. Raises DeployFault.

    The namespace is the one given, else the context's, else `default`.
    """
    try:
        return from_configuration(lambda made, own: _cluster(made, namespace or own or "default"), context)
    except ImportError as error:
        raise DeployFault(
            "talking to a cluster needs the Kubernetes client, which this Python lacks: pip install 'flowc[kubernetes]'"
        ) from error
    except NoCluster as error:
        raise DeployFault(
            f"there is no cluster to talk to: {error.place}{f' (context `{context}`)' if context else ''} cannot be "
            f"used: {error}; set KUBECONFIG, or log in to the cluster, and try `kubectl cluster-info`"
        ) from error


def _cluster(configuration: Any, namespace: str) -> Cluster:  # noqa: ANN401 - the official client's
    from kubernetes import client

    pool = client.ApiClient(configuration).rest_client.pool_manager
    settings = configuration.auth_settings().values()
    headers = {str(auth["key"]): str(auth["value"]) for auth in settings}
    return Cluster(configuration.host, namespace, pool, headers)
