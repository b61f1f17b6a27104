"""Which cluster tasks go to, and who asks: what `kubectl` would use.

Of the official client only its configuration is used, which reads kubeconfig files and runs
credential plugins; what it knows becomes a TLS context and headers here.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flowc.launch.base import LaunchFault
from flowc.launch.kubernetes.http import Server

if TYPE_CHECKING:
    from collections.abc import Mapping

_OWN_NAMESPACE = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
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
                f"the credentials for the cluster at {self.host} cannot be had: {_first_line(error)}"
            ) from error
        return {str(setting["key"]): str(setting["value"]) for setting in settings}


async def connect() -> Access:
    """The cluster of the kubeconfig's current context, else that of the pod around. Raises LaunchFault."""
    return await asyncio.to_thread(_connect)


def _connect() -> Access:
    try:
        from kubernetes import client, config
    except ImportError as error:
        raise LaunchFault(
            "sending tasks to Kubernetes needs its client, which this Python lacks: pip install 'flowc[kubernetes]'"
        ) from error
    configuration = client.Configuration()
    path = os.environ.get("KUBECONFIG") or os.path.join("~", ".kube", "config")
    try:
        if not os.path.exists(os.path.expanduser(path)) and os.path.exists(_OWN_NAMESPACE):
            config.load_incluster_config(client_configuration=configuration)
            with open(_OWN_NAMESPACE, encoding="utf-8") as stream:
                return Access(configuration, stream.read().strip())
        config.load_kube_config(path, client_configuration=configuration)
        _, active = config.list_kube_config_contexts(path)
        return Access(configuration, active["context"].get("namespace") or "default")
    except Exception as error:  # the client lets through what its parsers and plugins raise
        raise LaunchFault(
            f"there is no cluster to send tasks to: {path} cannot be used: {_first_line(error)}; "
            "set KUBECONFIG, or log in to the cluster, and try `kubectl cluster-info`"
        ) from error


def _server(configuration: Any) -> Server:  # noqa: ANN401
    parts = urlsplit(configuration.host)
    host = parts.hostname or "localhost"
    prefix = parts.path.rstrip("/")
    if parts.scheme != "https":
        return Server(host, parts.port or 80, prefix)
    context = ssl.create_default_context(cafile=configuration.ssl_ca_cert or None)
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file)
    name = getattr(configuration, "tls_server_name", None) or host
    return Server(host, parts.port or 443, prefix, context, name)


def _first_line(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0]
