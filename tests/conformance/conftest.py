"""What every conformance test does: keep disturbances away while it runs, unless it makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.register_assert_rewrite(*(f"tests.conformance.{name}" for name in ("observed", "desk", "deployed")))

from tests.conformance import argo, disturb, observed, sent  # noqa: E402 - after that

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def undisturbed(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("disturbs"):
        yield
        return
    with disturb.undisturbed():
        yield


@pytest.fixture
def sending(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The variables of runs here that send tasks away; those that were started end with the test."""
    monkeypatch.setenv("KUBECONFIG", argo.KUBECONFIG)
    if observed.ENDPOINT:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", observed.ENDPOINT)
    yield
    sent.end_started()
