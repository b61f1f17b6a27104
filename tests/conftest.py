"""What all tests share: the profiles of hypothesis and `--bless`.

`FLOWC_HYPOTHESIS=long` tries many more examples; the fast profile tries the same ones each time.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, settings

import flowc.compiler

flowc.compiler.VERIFY = True  # between passes, in every test

_UNHURRIED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

# The fast profile shows a failure as it was found; the long one makes it small, which takes minutes.
settings.register_profile(
    "fast",
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=_UNHURRIED,
    phases=[Phase.explicit, Phase.generate],
)
settings.register_profile(
    "long", max_examples=1000, deadline=None, print_blob=True, suppress_health_check=_UNHURRIED
)
settings.load_profile(os.environ.get("FLOWC_HYPOTHESIS", "fast"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="write the golden files anew")


@pytest.fixture(scope="session")
def bless(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--bless"))
