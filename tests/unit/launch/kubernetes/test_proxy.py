"""Which proxy stands before a cluster."""

from __future__ import annotations

import pytest

from flowc.launch.kubernetes.proxy import proxy_for

AWAY = {"HTTPS_PROXY": "http://proxy:3128", "HTTP_PROXY": "http://other:3128"}

# The server, NO_PROXY, and whether the proxy is used.
ROWS = [
    ("https://k8s.example.com", "", True),
    ("https://k8s.example.com", "example.com", False),
    ("https://k8s.example.com", ".example.com", False),
    ("https://k8s.example.com", "*.example.com", False),
    ("https://k8s.example.com", "other.com, K8S.Example.com", False),
    ("https://k8s.example.com", "s.example.com", True),
    ("https://k8s.example.com", "k8s.example.com:443", False),
    ("https://k8s.example.com:6443", "k8s.example.com:443", True),
    ("https://k8s.example.com", "*", False),
    ("https://10.1.2.3:6443", "10.0.0.0/8", False),
    ("https://10.1.2.3:6443", "10.1.2.3", False),
    ("https://10.1.2.3:6443", "10.1.2.3:6443", False),
    ("https://10.1.2.3:6443", "10.1.2.4,10.2.0.0/16", True),
    ("https://[fd00::1]:6443", "fd00::/8", False),
    ("https://[fd00::1]:6443", "[fd00::1]:6443", False),
    ("https://[fd00::1]:6443", "fd00::2", True),
    ("https://127.0.0.1:6443", "", False),
    ("https://[::1]:6443", "", False),
    ("https://localhost:6443", "", False),
]


@pytest.mark.parametrize(("server", "without", "used"), ROWS)
def test_what_goes_past_the_proxy(server: str, without: str, used: bool) -> None:
    found = proxy_for(server, {}, {**AWAY, "NO_PROXY": without})
    assert found == ("http://proxy:3128" if used else None)


def test_the_cluster_s_own_proxy_comes_first() -> None:
    own = {"proxy-url": "http://own:1"}
    assert proxy_for("https://k8s.example.com", own, {**AWAY, "NO_PROXY": "*"}) == "http://own:1"


def test_variables_are_read_as_go_reads_them() -> None:
    assert proxy_for("http://k8s.example.com", {}, AWAY) == "http://other:3128"
    assert proxy_for("https://k8s.example.com", {}, {"https_proxy": "proxy:3128"}) == "http://proxy:3128"
    assert proxy_for("https://k8s.example.com", {}, {"HTTP_PROXY": "http://other:3128"}) is None
