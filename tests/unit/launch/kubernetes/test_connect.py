"""The forms in which a kubeconfig says who asks, and by which way the cluster is reached."""

from __future__ import annotations

import asyncio
import base64
import json
import stat
import sys
from typing import TYPE_CHECKING, Any

import pytest

from flowc.launch.base import LaunchFault
from flowc.launch.kubernetes import api, kubeconfig
from flowc.launch.kubernetes.api import Api
from flowc.launch.kubernetes.connect import connect
from tests.cluster.certificates import Certificates
from tests.cluster.server import serve_over_tls
from tests.tunnel import tunnel

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def pods(folder: Path, monkeypatch: pytest.MonkeyPatch, cluster: object, user: object) -> str:
    """List the pods of the cluster as the user; "" where that goes well, else what is said."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "x",
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u", "namespace": "flows"}}],
    }
    (folder / "kubeconfig").write_text(json.dumps(content))
    monkeypatch.setenv("KUBECONFIG", str(folder / "kubeconfig"))
    return listed()


def listed() -> str:
    async def ask() -> None:
        access = await connect()
        await Api(access).pods(access.namespace, "a=b")

    try:
        asyncio.run(ask())
    except LaunchFault as fault:
        return str(fault)
    return ""


def encoded(file: Path) -> str:
    return base64.b64encode(file.read_bytes()).decode()


def plugin(folder: Path) -> dict[str, Any]:
    """A credential plugin that gives a token."""
    program = folder / "plugin"
    credential = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": "from-plugin"},
    }
    program.write_text(f"#!{sys.executable}\nprint({json.dumps(credential)!r})\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    told = {"apiVersion": credential["apiVersion"], "command": str(program), "interactiveMode": "Never"}
    return {"exec": told}


def test_who_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificates: Certificates) -> None:
    (tmp_path / "token").write_text("from-file")
    users = {
        "Bearer plain": {"token": "plain"},
        "Bearer from-file": {"tokenFile": str(tmp_path / "token")},
        "Bearer from-plugin": plugin(tmp_path),
        "Basic " + base64.b64encode(b"ann:secret").decode(): {"username": "ann", "password": "secret"},
        "ann": {
            "client-certificate": str(certificates.ann),
            "client-key": str(certificates.ann_key),
        },
    }
    embedded = {
        "client-certificate-data": encoded(certificates.ann),
        "client-key-data": encoded(certificates.ann_key),
    }
    with serve_over_tls(tmp_path, certificates) as there:
        cluster = {"server": there.address, "certificate-authority": str(certificates.authority)}
        for user in (*users.values(), embedded):
            assert pods(tmp_path, monkeypatch, cluster, user) == ""
        assert there.callers == [*users, "ann"]


def test_whom_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificates: Certificates) -> None:
    with serve_over_tls(tmp_path, certificates) as there:
        server, port = there.address, there.address.rpartition(":")[2]
        known = {"certificate-authority-data": encoded(certificates.authority)}
        named = {"tls-server-name": "cluster.example.com"}
        elsewhere = f"https://localhost:{port}"
        rows = [
            ({"server": server, **known}, ""),
            ({"server": server, **known, **named}, ""),
            ({"server": elsewhere, **known, **named}, ""),
            ({"server": server, "insecure-skip-tls-verify": True}, ""),
            (
                {"server": server},
                f"the certificate of the cluster at {server} cannot be trusted: self-signed",
            ),
            (
                {"server": elsewhere, **known},
                f"the certificate of the cluster at {elsewhere} cannot be trusted: Hostname mismatch",
            ),
        ]
        for cluster, said in rows:
            found = pods(tmp_path, monkeypatch, cluster, {"token": "plain"})
            assert found.startswith(said)
            assert bool(found) == bool(said)


def test_a_pod_asks_as_its_service_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificates: Certificates
) -> None:
    from kubernetes.config import incluster_config

    (tmp_path / "token").write_text("of-pod")
    (tmp_path / "namespace").write_text("flows")
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(certificates.authority))
    monkeypatch.setattr(kubeconfig, "_OWN_NAMESPACE", str(tmp_path / "namespace"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    with serve_over_tls(tmp_path, certificates) as there:
        host, _, port = there.address.removeprefix("https://").partition(":")
        monkeypatch.setenv("KUBERNETES_SERVICE_HOST", host)
        monkeypatch.setenv("KUBERNETES_SERVICE_PORT", port)
        assert listed() == ""
        assert there.callers == ["bearer of-pod"]


def test_a_proxy_stands_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certificates: Certificates
) -> None:
    with serve_over_tls(tmp_path, certificates) as there, tunnel() as proxy:
        cluster = {"server": there.address, "certificate-authority": str(certificates.authority)}
        own = {**cluster, "proxy-url": f"http://ann:p%40ss@{proxy.place}"}
        assert pods(tmp_path, monkeypatch, own, {"token": "plain"}) == ""
        assert proxy.asked == ["CONNECT " + there.address.removeprefix("https://")]
        assert proxy.logins == ["Basic " + base64.b64encode(b"ann:p@ss").decode()]
        # This machine is never behind the environment's proxy.
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        assert pods(tmp_path, monkeypatch, cluster, {"token": "plain"}) == ""


def test_a_proxy_that_flowc_cannot_use_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = {"server": "https://cluster.example.com", "proxy-url": "socks5://proxy:1080"}
    said = pods(tmp_path, monkeypatch, cluster, {"token": "plain"})
    assert "the proxy socks5://proxy:1080 is none of http:// or https://, which flowc speaks" in said


def test_a_proxy_that_refuses_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "_PATIENCE_SECONDS", 0.0)
    with tunnel(407) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.place)
        said = pods(tmp_path, monkeypatch, {"server": "https://cluster.example.com"}, {"token": "plain"})
        assert f"(the proxy {proxy.place} answers 407 for cluster.example.com:443)" in said
