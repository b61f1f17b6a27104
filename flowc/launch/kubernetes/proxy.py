"""Which proxy stands before a cluster: what `kubectl` would use.

That is `proxy-url` of the kubeconfig's cluster, else what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say as Go's
programs read them: names with their subdomains, addresses, ranges of addresses; this machine itself never.
"""

from __future__ import annotations

import contextlib
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_PORTS = {"http": 80, "https": 443}


def proxy_for(server: str, cluster: Mapping[str, Any], variables: Mapping[str, str]) -> str | None:
    """The URL of the proxy to the API server at `server`; None where it is reached without one.

    `cluster` is the kubeconfig's entry, `variables` the environment.
    """
    given = cluster.get("proxy-url")
    if given:
        return str(given)
    parts = urlsplit(server)
    chosen = _variable(variables, f"{parts.scheme}_proxy")
    host = parts.hostname or ""
    if not chosen or _is_here(host):
        return None
    port = parts.port or _PORTS.get(parts.scheme, 0)
    entries = _variable(variables, "no_proxy").replace(" ", "").lower().split(",")
    if any(_names(entry, host.lower(), port) for entry in entries if entry):
        return None
    return chosen if "://" in chosen else f"http://{chosen}"


def _variable(variables: Mapping[str, str], name: str) -> str:
    return variables.get(name.upper()) or variables.get(name) or ""


def _is_here(host: str) -> bool:
    with contextlib.suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _names(entry: str, host: str, port: int) -> bool:
    """Whether an entry of NO_PROXY means the host: `*`, `10.0.0.0/8`, `10.0.0.1:6443`, `example.com`, `.example.com`."""
    if entry == "*":
        return True
    with contextlib.suppress(ValueError):
        return ip_address(host) in ip_network(entry)
    name, _, own = entry.rpartition(":") if entry.count(":") == 1 or "]:" in entry else (entry, "", "")
    if own and own != str(port):
        return False
    name = name.strip("[]")
    return host in (name, name.removeprefix("*")) or host.endswith(
        "." + name.removeprefix("*").removeprefix(".")
    )
