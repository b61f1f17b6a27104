"""What `submit` sends of a parameter is what the run reads: on Argo a text, on Step Functions JSON."""

from __future__ import annotations

import json
import math
from base64 import b64encode
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flowc import contract, dsl
from flowc.cli.deploying.on_argo import as_text
from flowc.cli.deploying.on_stepfunctions import sendable
from flowc.deploy.stepfunctions.runs import encode_input
from flowc.runtime.parameters import _convert, passed_values

VALUES = st.text().filter(lambda t: t != contract.SENTINEL) | st.integers() | st.floats() | st.booleans()


def same(one: object, other: object) -> bool:
    both_nan = isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other)
    return both_nan or (type(one) is type(other) and one == other)


def read(passed: object, value: object) -> Any:  # noqa: ANN401
    """What a parameter of the value's type is given."""
    encoded = b64encode(json.dumps(passed).encode()).decode()
    return _convert(dsl.Parameter("x", type=type(value)), passed_values(encoded)["x"], "flow.py")


@given(VALUES)
def test_on_argo(value: str | float) -> None:
    assert same(read([{"name": "x", "value": as_text(value)}], value), value)


@given(VALUES)
def test_on_step_functions(value: str | float) -> None:
    content = encode_input({"x": sendable(value)}, {"origin_run": "argo-x", "from_step": None})
    sent = json.loads(content, parse_constant=lambda word: word + " is no JSON")
    assert sent.pop("_flowc") == {"origin_run": "argo-x"}
    assert same(read(sent, value), value)
