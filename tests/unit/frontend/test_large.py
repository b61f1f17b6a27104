"""Sources of any size and depth that Python parses are read, without recursion and in linear time."""

from __future__ import annotations

import pytest

from tests.resolving import resolved, start_with


def nested(head: str, depth: int, inner: str) -> str:
    return "".join("    " * i + head + "\n" for i in range(depth)) + "    " * depth + inner


FINALLY = (
    "".join("    " * i + "try: f()\n" + "    " * i + "finally:\n" for i in range(18))
    + "    " * 18
    + "self.x = 1"
)

DEEP = {
    "elif chain": "\n".join(f"{'el' if i else ''}if self.x == {i}: self.y = {i}" for i in range(400)),
    "sum": "self.x = " + " + ".join(f"self.a{i}" for i in range(1000)),
    "calls": "self.x = df" + "".join(f".m{i}(self.a)" for i in range(500)),
    "attributes": "self.x = df" + "".join(f".m{i}" for i in range(1000)),
    "and": "if " + " and ".join(f"self.a{i}" for i in range(1000)) + ": pass",
    "not": "if " + "not " * 500 + "self.a: pass",
    "conditional": "self.x = " + "".join(f"{i} if self.a{i} else " for i in range(400)) + "0",
    "diamonds": "\n".join(f"if self.a{i}: self.b = 1\nelse: self.b = 2" for i in range(2000)),
    "loops": nested("for x in self.y:", 18, "self.x = 1"),
    "finally in finally": FINALLY,
    "comprehension": "self.x = [self.y " + "".join(f"for x{i} in self.z{i} " for i in range(100)) + "]",
    "names": "a0 = 1\n" + "\n".join(f"a{i + 1} = a{i} + 1" for i in range(1000)) + "\nself.x = a1000",
    "functions": "def f0(): self.x\n"
    + "\n".join(f"def f{i + 1}(): f{i}(); f{i}()" for i in range(40))
    + "\nf40()",
}


@pytest.mark.parametrize("body", DEEP.values(), ids=DEEP.keys())
def test_depth(body: str) -> None:
    found = resolved(start_with(body + "\nself.next(self.end)"))
    assert found.faults == []
    assert found.transitions().startswith("start: end")


def test_finally_is_not_copied_without_end() -> None:
    found = resolved(start_with(FINALLY + "\nself.next(self.end)"))
    assert found.graph is not None
    assert len(found.graph.steps["start"].body.blocks) < 2000


def test_chain_of_helpers_that_never_return() -> None:
    members = (
        "\n".join(f"def h{i}(self): self.h{i + 1}()" for i in range(1500))
        + "\ndef h1500(self): raise ValueError"
    )
    found = resolved(start_with("if f(): self.h0()\nelse: self.next(self.end)", members=members))
    assert found.faults == []


def test_chain_of_bases() -> None:
    bases = "".join(f"class B{i + 1}(B{i}): pass\n" for i in range(1200))
    source = f"from flowc import *\nclass B0(FlowSpec): pass\n{bases}class F(B1200):\n    @step\n    def only(self): pass\n"
    assert resolved(source).faults == []


def test_many_steps() -> None:
    names = [f"s{i}" for i in range(2000)]
    steps = "".join(
        f"    @step\n    def {name}(self):\n        self.x = 1\n        self.next(self.{following})\n"
        for name, following in zip(names, [*names[1:], "end"], strict=True)
    )
    found = resolved(
        "from flowc import *\nclass F(FlowSpec):\n    @step\n    def start(self): self.next(self.s0)\n"
        + steps + "    @step\n    def end(self): pass\n"
    )  # fmt: skip
    assert found.faults == []
    assert found.graph is not None
    assert len(found.graph.steps) == 2002
