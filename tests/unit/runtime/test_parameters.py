"""What the engine passes beside the flow's own parameters."""

from __future__ import annotations

import base64
import json

import pytest

from flowc.runtime.parameters import ParameterFault, passed_tags, passed_values


def encoded(**passed: str) -> str:
    listed = [{"name": name.replace("_", "-"), "value": value} for name, value in passed.items()]
    return base64.b64encode(json.dumps(listed).encode()).decode()


def test_tags_are_no_parameter() -> None:
    passed = encoded(alpha="1", flowc_tags='["x", "é"]')
    assert (passed_tags(passed), passed_values(passed)) == (["x", "é"], {"alpha": "1"})
    assert passed_tags(encoded(alpha="1")) == passed_tags(None) == []


@pytest.mark.parametrize("told", ["x", '"x"', "{}"])
def test_tags_that_are_no_list_are_refused(told: str) -> None:
    with pytest.raises(ParameterFault, match=r"`flowc-tags` is .*, which is no list of tags in JSON"):
        passed_tags(encoded(flowc_tags=told))
