"""Whatever stands in a decorator or a parameter: it is read or reported, and fixes leave Python."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.frontend.decorators.table import FLOW_RULES, STEP_RULES
from flowc.frontend.parameters.api_calls import ARGUMENTS
from tests.declaring import decorated, mended, read_flow
from tests.property.test_folding import HEAD, expressions

UNKNOWN = ["os.environ['A']", "lambda c: 1", "cfg.a.b", "cfg", "config_expr('cfg.a')", "np.x(1)", "open", "self.x", "...",
           "{'name': 'a', 'parameters': {'p': 'q'}}", "[{'type': 'inline', 'id': 'x'}]", "'4Gi'", "[print]"]  # fmt: skip


@st.composite
def values(draw: st.DrawFn) -> str:
    text = draw(st.one_of(expressions(), st.sampled_from(UNKNOWN)))
    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError):
        return "None"
    return text.replace("\n", " ")


@st.composite
def arguments(draw: st.DrawFn, known: list[str]) -> str:
    names = draw(st.lists(st.sampled_from([*known, "memroy", "x"]), max_size=3, unique=True))
    given = [f"{name}={draw(values())}" for name in names]
    if draw(st.integers(0, 4)) == 0:
        given.insert(0, draw(values()))
    if draw(st.integers(0, 4)) == 0:
        given.append(f"**{draw(values())}")
    return ", ".join(given)


@st.composite
def flows(draw: st.DrawFn) -> str:
    step = draw(st.sampled_from(sorted(STEP_RULES)))
    flow = draw(st.sampled_from(sorted(FLOW_RULES)))
    kind = draw(st.sampled_from(sorted(ARGUMENTS)))
    above = f"@{flow}({draw(arguments(list(FLOW_RULES[flow].attributes)))})"
    on_step = f"@{step}({draw(arguments(list(STEP_RULES[step].attributes)))})"
    call = f"{kind}({draw(arguments([*ARGUMENTS[kind], 'separator']))})"
    text = decorated(
        on_step, head=HEAD + above, flow=f"cfg = Config('cfg', default_value={{'a': 1}})\np = {call}"
    )
    return text.replace("import *", "import *\nimport os, numpy as np")


@pytest.mark.filterwarnings("ignore:Generating overly large repr", "ignore::SyntaxWarning")
@given(flows())
def test_everything_is_read_or_reported(text: str) -> None:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return
    found = read_flow(text)
    for diagnostic in found.diagnostics:
        assert diagnostic.message
        assert diagnostic.helps
    mended(text, found.diagnostics)
