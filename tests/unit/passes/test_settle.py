"""What is still said of a flow with a broken transition or splits that are not joined, and what is not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given

from flowc.diagnostics.model import Sink
from flowc.passes.artifacts import check_artifacts
from flowc.passes.reachability import check_reachability
from flowc.passes.settle import settle
from flowc.passes.structure.regions import structure
from tests.analysed import check
from tests.graphs import flow
from tests.strategies import sketches

CASES = {
    "what a step does by itself": """
        p = Parameter('p', default=1)
        start: next strat # FC203 no step `strat`
        a: self.p = 1; self.g = (i for i in []); next end # FC409 assigns # FC411 generator
        join j: self.merge_artifacts(inputs, include=['a'], exclude=['b']); next end # FC419 both
        end: pass
    """,
    "before a broken step, all": """
        start: print(self.x); next a # FC401 no step before
        a: print(self.y); self.y = 1; next b # FC407 before anything assigns it
        b: self.xs = []; next c, foreach='xs' # FC452 no items
        c: self.z = 1; next j
        join j: next d
        d: print(self.z); self.merge_artifacts([]); next q # FC402 past the join `j` # FC417 no join # FC203 `q`
        end: pass
    """,
    "after it, what nothing assigns": """
        start: self.x = 1; next b
        b:
            self.y = 1
            if self.y: next c
            else: next dd # FC203 `dd`
        c: print(self.x, self.y, self.typo); next end # FC401 `self.typo`
        d: print(self.x, self.y, self.typo); next end # FC401 `self.typo`
        end: pass
    """,
    "not what a step that is still to be written may assign": """
        start: next train # FC203 `train`
        report: print(self.score); next end
        end: pass
    """,
    "a split away from it": """
        start: next a, b
        a: self.n = 1; next c, d
        c: self.x = 1; next i
        d: self.x = 2; next i
        join i: self.merge_artifacts(inputs); print(inputs.e.x); next j # FC404 different values # FC406 no branch `e`
        b: next jj # FC203 `jj`
        join j: self.merge_artifacts(inputs); next end
        end: pass
    """,
    "structure elsewhere": """
        start: next a, b
        a: next c
        b: next c
        c: next d # FC319 takes no
        d: pass # FC201 no `self.next`
        end: pass
    """,
    "with splits that are not joined": """
        p = Parameter('p', default=1)
        start: self.xs = []; next a, foreach='xs' # FC306 not joined # FC452 no items
        a: self.p = 2; print(self.typo); next end # FC409 # FC401 `self.typo`
        end: print(self.xs)
    """,
}


@pytest.mark.parametrize("name", CASES)
def test_cases(name: str) -> None:
    check(CASES[name])


@given(sketches())
def test_every_flow_can_be_judged(text: str) -> None:
    sink = Sink()
    graph = check_reachability(flow(text), sink)
    check_artifacts(settle(graph, structure(graph, sink)), sink)


def test_a_large_flow_that_is_not_joined() -> None:
    chain = "\n".join(f"s{i} -> s{i + 1}" for i in range(5_000))
    sink = Sink()
    graph = check_reachability(flow(f"start -> s0, t\nt -> end\n{chain}\ns5000 -> end"), sink)
    begun = time.process_time()
    check_artifacts(settle(graph, structure(graph, sink)), sink)
    assert time.process_time() - begun < 10
