"""The few requests that a run makes of the API server: create, delete, list, watch and read logs of pods.

Invariant: what the server cannot do just now is asked again, with growing pauses, for minutes; what it
refuses is a LaunchFault that says what is missing.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import ssl
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flowc.launch.base import LaunchFault
from flowc.launch.kubernetes.http import Answer, Broken, ask, opened

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from typing import Any

    from flowc.launch.kubernetes.connect import Access

    Object = dict[str, Any]

_JSON = {"Accept": "application/json", "Content-Type": "application/json"}
_PATIENCE_SECONDS = 300.0  # with a server that does not answer
_LONGEST_PAUSE = 30.0
_WATCH_SECONDS = 300  # after which the server ends a watch by itself
_WATCH_SILENCE = 120.0  # it sends a bookmark every minute
_PAGE = 500
_NEEDS = "the account needs `create`, `delete`, `get`, `list` and `watch` of `pods`, and `get` of `pods/log`, there"


class OverQuota(Exception):  # noqa: N818 - what happened
    """The namespace has no room for a pod now, in the server's words."""


class Refused(LaunchFault):
    """The server heard the request and did nothing of it."""


class Expired(Exception):  # noqa: N818 - what happened
    """The server no longer knows what happened since the version asked for."""


class Api:
    """The API of one cluster."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def create(self, namespace: str, pod: Object) -> None:
        """Make a pod. Raises OverQuota, Refused, LaunchFault."""
        answer = await self._ask("POST", _path(namespace), pod)
        # A request that was sent a second time may have been heard the first time.
        if answer.status < 300 or answer.status == 409:
            return
        said = _message(answer)
        if answer.status == 403 and "exceeded quota" in said:
            raise self._too_small(namespace, said) if _is_unused(said) else OverQuota(said)
        raise self._refused("create a pod", namespace, answer.status, said)

    async def delete(self, namespace: str, name: str, grace: int | None = None) -> bool:
        """Ask a pod to end within `grace` seconds (None: its own); False where there is none."""
        options = {} if grace is None else {"gracePeriodSeconds": grace}
        answer = await self._ask("DELETE", _path(namespace, name), options)
        if answer.status >= 300 and answer.status != 404:
            raise self._refused("delete a pod", namespace, answer.status, _message(answer))
        return answer.status != 404

    async def pods(self, namespace: str, selector: str) -> tuple[list[Object], str]:
        """The pods with the labels, and the version from which on a watch tells what happens."""
        found: list[Object] = []
        query = {"labelSelector": selector, "limit": str(_PAGE)}
        while True:
            answer = await self._ask("GET", f"{_path(namespace)}?{urlencode(query)}")
            if answer.status == 410:  # the list grew old between two pages
                found, query = [], {"labelSelector": selector}
                continue
            if answer.status >= 300:
                raise self._refused("list pods", namespace, answer.status, _message(answer))
            content = json.loads(answer.content)
            found += content.get("items") or ()
            about = content.get("metadata") or {}
            if not about.get("continue"):
                return found, str(about.get("resourceVersion", ""))
            query["continue"] = about["continue"]

    async def watch(self, namespace: str, selector: str, version: str) -> AsyncGenerator[Object, None]:
        """What happens to pods since `version`, until the stream ends. Raises Expired, OSError, Broken, LaunchFault."""
        query = {
            "watch": "1",
            "labelSelector": selector,
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(_WATCH_SECONDS),
        }
        lines = self._lines(f"{_path(namespace)}?{urlencode(query)}", "watch pods", namespace, _WATCH_SILENCE)
        async for line in lines:
            event = json.loads(line)
            if event.get("type") == "ERROR":
                about = event.get("object") or {}
                if about.get("code") == 410:
                    raise Expired
                raise Broken(str(about.get("message") or "the watch failed"))
            yield event

    def log(self, namespace: str, name: str, since: str | None) -> AsyncGenerator[bytes, None]:
        """What a pod prints, line by line, each after its time, until its container ends. Raises as `watch`."""
        query = {"follow": "true", "timestamps": "true"} | ({"sinceTime": since} if since else {})
        path = f"{_path(namespace, name)}/log?{urlencode(query)}"
        return self._lines(path, "read the log of a pod", namespace, None)

    async def _lines(
        self, path: str, what: str, namespace: str, silence: float | None
    ) -> AsyncGenerator[bytes, None]:
        headers = {**_JSON, **await self._access.headers()}
        async with opened(self._access.server, "GET", path, headers) as reply:
            if reply.status != 200:
                content = b"".join([chunk async for chunk in reply.chunks()])
                raise self._stream_refused(Answer(reply.status, reply.headers, content), what, namespace)
            rest = b""
            chunks = reply.chunks()
            while True:
                async with asyncio.timeout(silence):
                    chunk = await anext(chunks, None)
                if chunk is None:
                    break
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    yield line
            if rest:
                yield rest

    def _stream_refused(self, answer: Answer, what: str, namespace: str) -> Exception:
        if answer.status == 410:
            return Expired()
        if answer.status == 401:
            self._access.distrust()
        if answer.status in (400, 401, 404, 429) or answer.status >= 500:
            return Broken(_message(answer))
        return self._refused(what, namespace, answer.status, _message(answer))

    async def _ask(self, method: str, path: str, content: Object | None = None) -> Answer:
        """An answer that is no passing trouble. Raises LaunchFault where that does not pass."""
        body = None if content is None else json.dumps(content).encode()
        deadline = time.monotonic() + _PATIENCE_SECONDS
        pause, refused = 0.5, False
        while True:
            asked = 0.0
            try:
                headers = {**_JSON, **await self._access.headers()}
                answer = await ask(self._access.server, method, path, headers, body)
            except ssl.SSLCertVerificationError as error:
                raise self._untrusted(error) from error
            except (OSError, Broken) as error:
                said = str(error) or type(error).__name__
            else:
                if answer.status == 401:
                    if refused:
                        raise self._unknown(_message(answer))
                    refused = True
                    self._access.distrust()
                    continue
                if answer.status != 429 and answer.status < 500:
                    return answer
                said = _message(answer)
                asked = _seconds(answer.headers.get("retry-after"))
            if time.monotonic() > deadline:
                raise self._silent(said)
            await asyncio.sleep(max(asked, pause * random.uniform(0.5, 1)))  # noqa: S311 - spreads requests
            pause = min(2 * pause, _LONGEST_PAUSE)

    # ------------------------------------------------------------------ faults in words
    def _refused(self, what: str, namespace: str, status: int, said: str) -> Refused:
        if status == 401:
            return self._unknown(said)
        if status == 404:
            return Refused(
                f"the cluster at {self._access.host} cannot {what}: {said}; create the namespace `{namespace}`, "
                "or name another one as `namespace` under [tool.flowc.argo]"
            )
        help_ = f"; {_NEEDS}" if status == 403 and "cannot" in said else ""
        return Refused(
            f"the cluster at {self._access.host} refuses to {what} in `{namespace}`: {said}{help_}"
        )

    def _too_small(self, namespace: str, said: str) -> Refused:
        return Refused(
            f"the namespace `{namespace}` never has room for a pod of this size, even while nothing else is in it: "
            f"{said}; ask for less, or look at `kubectl -n {namespace} get resourcequota`"
        )

    def _unknown(self, said: str) -> Refused:
        return Refused(
            f"the cluster at {self._access.host} does not accept the credentials ({said}): they may have expired; "
            "log in again, and try `kubectl auth whoami`"
        )

    def _untrusted(self, error: ssl.SSLCertVerificationError) -> LaunchFault:
        return LaunchFault(
            f"the certificate of the cluster at {self._access.host} cannot be trusted: {error.verify_message}; "
            "look at `certificate-authority` in the kubeconfig"
        )

    def _silent(self, said: str) -> LaunchFault:
        return LaunchFault(
            f"the cluster at {self._access.host} did not answer for {_PATIENCE_SECONDS / 60:.0f} minutes ({said}); "
            "look at `kubectl cluster-info` and the network"
        )


def _path(namespace: str, name: str = "") -> str:
    return f"/api/v1/namespaces/{namespace}/pods" + (f"/{name}" if name else "")


def _message(answer: Answer) -> str:
    """What the server says of an error."""
    try:
        content = json.loads(answer.content)
    except ValueError:
        content = None
    if isinstance(content, dict) and content.get("message"):
        return str(content["message"])
    return answer.content.decode(errors="replace").strip()[:200] or f"HTTP {answer.status}"


def _is_unused(said: str) -> bool:
    """Whether a quota is exceeded of which nothing is used: waiting will not help.

    The server names what is short alone: `requested: memory=300M, used: memory=0, limited: memory=100M`.
    """
    used = re.search(r", used: (\S+), limited: ", said)
    return used is not None and any(entry.endswith("=0") for entry in used[1].split(","))


def _seconds(text: str | None) -> float:
    try:
        return min(float(text or 0), _LONGEST_PAUSE)
    except ValueError:
        return 0.0
