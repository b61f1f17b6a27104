"""Requirements on a version."""

from __future__ import annotations

import pytest

from flowc.cli.configuration.versions import BadSpecifierError, satisfies


@pytest.mark.parametrize(
    ("version", "specifier", "met"),
    [
        ("0.1.0", ">=0.1", True),
        ("0.1.0", ">=0.1,<1", True),
        ("0.1.0", ">=0.2", False),
        ("0.1.0", "0.1", True),
        ("0.1.0", "==0.1.0", True),
        ("0.1.5", "==0.1.*", True),
        ("0.1.5", "!=0.1.*", False),
        ("0.10.0", ">0.9", True),
        ("0.1.5", "~=0.1.2", True),
        ("0.2.0", "~=0.1.2", False),
        ("1.0.0rc1", ">=1", True),
    ],
)
def test_satisfies(version: str, specifier: str, met: bool) -> None:
    assert satisfies(version, specifier) is met


@pytest.mark.parametrize("specifier", ["", "latest", ">=", "^1.2", ">=1.x", ">=1.*"])
def test_what_is_no_requirement_is_refused(specifier: str) -> None:
    with pytest.raises(BadSpecifierError):
        satisfies("0.1.0", specifier)
