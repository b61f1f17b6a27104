"""What every conformance test does: keep disturbances away while it runs, unless it makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

pytest.register_assert_rewrite("tests.conformance.observed")

from tests.conformance import disturb  # noqa: E402 - after that

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def undisturbed(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.node.get_closest_marker("disturbs"):
        yield
        return
    with disturb.undisturbed():
        yield
