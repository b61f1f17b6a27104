"""What `kubectl` would use to reach a cluster: the kubeconfig, else the pod around this process.

Of the official client its configuration alone is used, which reads the files and runs credential plugins;
which proxy is meant it does not read (see `proxy`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, TypeVar

from flowc.launch.kubernetes.proxy import proxy_for

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_OWN_NAMESPACE = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"


class NoCluster(Exception):  # noqa: N818 - what was found, or was not
    """No configuration can be used: `place` was looked at, the message says what is wrong with it."""

    def __init__(self, place: str, error: BaseException) -> None:
        super().__init__(first_line(error))
        self.place = place


def from_configuration(use: Callable[[Any, str | None], T], context: str | None = None) -> T:
    """What `use` makes of the official client's configuration and the namespace that it names.

    Plugins, certificates and parsers raise what they like, some only when they are used: all of it
    becomes NoCluster. Raises ImportError without the official client.
    """
    from kubernetes import client, config

    configuration = client.Configuration()
    path = os.environ.get("KUBECONFIG") or os.path.join("~", ".kube", "config")
    try:
        if context is None and not os.path.exists(os.path.expanduser(path)) and _is_pod():
            config.load_incluster_config(client_configuration=configuration)
            configuration.proxy = proxy_for(configuration.host, {}, os.environ)
            configuration.no_proxy = None
            with open(_OWN_NAMESPACE, encoding="utf-8") as stream:
                return use(configuration, stream.read().strip())
        config.load_kube_config(path, context, client_configuration=configuration)
        chosen = _chosen(config.list_kube_config_contexts(path), context)
        every = config.kube_config.KubeConfigMerger(path).config["clusters"]
        cluster = every.get_with_name(chosen["cluster"])["cluster"].value
        configuration.proxy = proxy_for(configuration.host, cluster, os.environ)
        configuration.no_proxy = None
        return use(configuration, _text(chosen.get("namespace")))
    except Exception as error:
        raise NoCluster(path, error) from error


def _is_pod() -> bool:
    return bool(os.environ.get("KUBERNETES_SERVICE_HOST")) and os.path.exists(_OWN_NAMESPACE)


def _chosen(contexts: tuple[list[dict[str, Any]], dict[str, Any]], asked: str | None) -> dict[str, Any]:
    """What the context says that is asked for, else the current one: its cluster, user, namespace."""
    every, active = contexts
    chosen = next((c for c in every if c["name"] == asked), None) if asked else active
    return dict((chosen or {}).get("context") or {})


def _text(value: object) -> str | None:
    return str(value) if value else None


def first_line(error: BaseException) -> str:
    """An exception's text, or its kind, in one line."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0]
