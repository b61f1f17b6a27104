"""Which cluster tasks go to, and who asks: what `kubectl` would use.

What the official client's configuration knows (`kubeconfig`) becomes a TLS context and headers here.
"""

from __future__ import annotations

import asyncio
import base64
import ssl
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from flowc.launch.base import LaunchFault
from flowc.launch.kubernetes.http import Proxy, Server
from flowc.launch.kubernetes.kubeconfig import NoCluster, first_line, from_configuration

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEADERS_SECONDS = 60.0  # after which a plugin or a token's file is asked again


class Access:
    """A cluster as one user reaches it. `namespace` is the context's own."""

    def __init__(self, configuration: Any, namespace: str) -> None:  # noqa: ANN401 - the official client's
        self.host: str = configuration.host
        self.namespace = namespace
        self.server = _server(configuration)
        self._configuration = configuration
        self._headers: Mapping[str, str] = {}
        self._fresh_until = 0.0

    async def headers(self) -> Mapping[str, str]:
        """The headers that say who asks; tokens that end are renewed."""
        if time.monotonic() >= self._fresh_until:
            self._headers = await asyncio.to_thread(self._ask_headers)
            self._fresh_until = time.monotonic() + _HEADERS_SECONDS
        return self._headers

    def distrust(self) -> None:
        """The headers were refused: ask for others."""
        self._fresh_until = 0.0

    def _ask_headers(self) -> Mapping[str, str]:
        try:
            settings = self._configuration.auth_settings().values()
        except Exception as error:
            raise LaunchFault(
                f"the credentials for the cluster at {self.host} cannot be had: {first_line(error)}"
            ) from error
        return {str(setting["key"]): str(setting["value"]) for setting in settings}


async def connect() -> Access:
    """The cluster of the kubeconfig's current context, else that of the pod around. Raises LaunchFault."""
    return await asyncio.to_thread(_connect)


def _connect() -> Access:
    try:
        return from_configuration(lambda configuration, own: Access(configuration, own or "default"))
    except ImportError as error:
        raise LaunchFault(
            "sending tasks to Kubernetes needs its client, which this Python lacks: pip install 'flowc[kubernetes]'"
        ) from error
    except NoCluster as error:
        raise LaunchFault(
            f"there is no cluster to send tasks to: {error.place} cannot be used: {error}; "
            "set KUBECONFIG, or log in to the cluster, and try `kubectl cluster-info`"
        ) from error


def _server(configuration: Any) -> Server:  # noqa: ANN401
    parts = urlsplit(configuration.host)
    host = parts.hostname or "localhost"
    prefix = parts.path.rstrip("/")
    proxy = _proxy(configuration.proxy) if configuration.proxy else None
    if parts.scheme != "https":
        return Server(host, parts.port or 80, prefix, proxy=proxy)
    context = ssl.create_default_context(cafile=configuration.ssl_ca_cert or None)
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file)
    name = getattr(configuration, "tls_server_name", None) or host
    return Server(host, parts.port or 443, prefix, context, name, proxy)


def _proxy(url: str) -> Proxy:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"the proxy {url} is none of http:// or https://, which flowc speaks")
    login = ""
    if parts.username:
        words = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        login = "Basic " + base64.b64encode(words.encode()).decode()
    tls = ssl.create_default_context() if parts.scheme == "https" else None
    return Proxy(parts.hostname, parts.port or (443 if tls else 80), tls, login)
