"""What a method does to artifacts, as its graph: a body and the lines of `show_body`."""

from __future__ import annotations

import pytest

from tests.resolving import resolved, start_with

# Each body is followed by `self.next(self.end)`, which the expected graph leaves out.
BODIES = [
    # Reads and writes.
    ("self.x = self.y", "0: read y; mutate y; write x=* -> return"),
    ("self.x, (self.y, z) = 1, (2, 3)", "0: write x=1; write y=2 -> return"),
    ("self.x, *self.y = f()", "0: write x=*; write y=* -> return"),
    ("self.x = self.y = []", "0: write x=[]; write y=[]; mutate x; mutate y -> return"),
    ("self.n += 1", "0: read n; write n=* -> return"),
    ("self.xs: list = []", "0: write xs=[] -> return"),
    ("self.xs: list", "0: -> return"),
    ("del self.x", "0: delete x -> return"),
    ("(w := self.x)", "0: read x; mutate x -> return"),
    ("print(f'{self.x} {self.y!r:>{self.w}}')", "0: read x; read y; read w -> return"),
    ("self.__x = 1", "0: write _F__x=1 -> return"),
    (
        "self.table[self.k] = self.v",
        "0: read v; mutate v; read table; read k; mutate k; mutate table -> return",
    ),
    ("self.model.rate = 1", "0: read model; mutate model -> return"),
    ("self.xs.append(1)", "0: read xs; mutate xs -> return"),
    ("n = len(self.xs) + self.xs.count(2)", "0: read xs; read xs -> return"),
    ("shuffle(self.xs)", "0: read xs; mutate xs -> return"),
    ("with open('f') as self.f: pass", "0: write f=* -> return"),
    (
        "self.index; self.input; self.foreach_stack()",
        "0: task index; task input; task foreach_stack -> return",
    ),
    ("self.name; self.next; self.a_step", "0: read a_step -> return"),
    # Values.
    ("self.x = range(10)", "0: write x=range(0, 10) -> return"),
    ("n = 10\nself.x = list(range(n))", "0: write x=[0, 1, 2, 3, 4, 5, 6, 7, 8, 9] -> return"),
    ("self.n = 3\nself.x = (1,) * self.n", "0: write n=3; read n; write x=(1, 1, 1) -> return"),
    ("n = 1\nn = 2\nself.x = n", "0: write x=* -> return"),
    ("xs = [1]\nxs.append(2)\nself.x = xs", "0: write x=Shape(kind='list', length=None) -> return"),
    ("self.x = self.alpha", "0: read alpha; mutate alpha; write x=ParamRef(name='alpha') -> return"),
    ("self.x = self.LIMIT * 2", "0: read LIMIT; write x=20 -> return"),
    # By name.
    ("setattr(self, 'x', 1)", "0: write x=1 -> return"),
    ("for k in ('p', 'q'): setattr(self, k, 0)", "0: write p=0; write q=0 -> 1\n1: -> 0 2\n2: -> return"),
    ("for k in ('p', 'q'): print(getattr(self, k))", "0: read p; read q -> 1\n1: -> 0 2\n2: -> return"),
    ("getattr(self, 'x'); getattr(self, 'y', None)", "0: read x; read y? -> return"),
    ("delattr(self, 'x')", "0: delete x -> return"),
    ("setattr(self, f(), 1)", "0: escape (`setattr` with a name known only at run time) -> return"),
    ("self.__dict__['x'] = 1\nvars(self)['y'] = 2", "0: write x=*; write y=* -> return"),
    ("self.__dict__.update(f())", "0: escape (`__dict__` may be changed) -> return"),
    ("fill(self)", "0: escape (`self` is handed to code that may change its artifacts) -> return"),
    ("print(self, isinstance(self, F))", "0: -> return"),
    # What is known to be there.
    ("if hasattr(self, 'x'): print(self.x)", "0: -> 1 3\n1: present x -> 2\n2: read x -> 3\n3: -> return"),
    (
        "if not hasattr(self, 'x'): self.x = 0\nprint(self.x)",
        "0: -> 1 3\n1: present x -> 2\n2: read x -> return\n3: write x=0 -> 2",
    ),
    (
        "if 'x' in self.__dict__ and self.x: pass",
        "0: escape (`__dict__` may be changed) -> 1 3\n1: present x -> 2\n2: read x -> 3\n3: -> return",
    ),
    (
        "y = getattr(self, 'x', None) is not None and self.x",
        "0: read x? -> 1 3\n1: present x -> 2\n2: read x; mutate x -> 3\n3: -> return",
    ),
    (
        "try: self.x\nexcept AttributeError: self.x = 0",
        "0: -> 1 5\n1: -> 2 4\n2: write x=0 -> 3\n3: -> return\n4: -> raise\n5: read x? -> 3",
    ),
    ("try: self.x\nexcept KeyError: pass", "0: -> 1 4\n1: -> 2 3\n2: -> return\n3: -> raise\n4: read x -> 2"),
    # Order and branches.
    (
        "x = self.a if self.t else self.b",
        "0: read t -> 1 3\n1: read a; mutate a -> 2\n2: -> return\n3: read b; mutate b -> 2",
    ),
    ("while self.t: self.x = 1", "0: read t -> 1 2\n1: write x=1 -> 0\n2: -> return"),
    ("for x in self.xs: self.y = x", "0: read xs -> 1\n1: -> 2 3\n2: write y=* -> 1\n3: -> return"),
    ("for x in (1, 2): self.y = x", "0: write y=* -> 1\n1: -> 0 2\n2: -> return"),
    ("for x in (): self.y = x", "0: -> return"),
    ("ys = [self.y for x in self.xs]", "0: read xs -> 1\n1: -> 2 3\n2: read y; mutate y -> 1\n3: -> return"),
    ("if True: self.x = 1\nelse: self.y = 2", "0: write x=1 -> 1\n1: -> return"),
    ("return self.next(self.end)\nself.x = 1", "0: -> return"),
    # Methods and functions.
    ("self.helper()", "0: call helper -> return"),
    ("map(self.helper, [1])", "0: -> 1 2\n1: -> return\n2: call helper -> 1"),
    ("print(self.prop)", "0: call prop -> return"),
    ("super().helper()", "0: call Base.helper -> return"),
    ("Base.helper(self)", "0: call Base.helper -> return"),
    ("def f(): self.x = 1\nf()", "0: write x=1 -> 1\n1: -> return"),
    (
        "def f(): self.x = 1\nrun(f)",
        "0: -> 1 2\n1: -> return\n2: escape (`x` is assigned by a function that is handed on) -> 1",
    ),
    ("run(lambda: self.x)", "0: -> 1 2\n1: -> return\n2: read x?; mutate x -> 1"),
    ("ys = sorted(xs, key=lambda x: self.w[x])", "0: -> 1 2\n1: -> return\n2: read w -> 1"),
    ("def f(): f()\nf()", "0: -> return"),
]

HEAD = """\
class Base(FlowSpec):
    def helper(self): self.y = 1
"""
MEMBERS = """\
LIMIT = 10
alpha = Parameter('alpha', default=1)
def helper(self): self.x = 1
@property
def prop(self): return self.x
"""


@pytest.mark.parametrize(("body", "graph"), BODIES)
def test_body(body: str, graph: str) -> None:
    source = start_with(body + "\nself.next(self.end)", head=HEAD, members=MEMBERS)
    found = resolved(source.replace("class F(FlowSpec)", "class F(Base)"), flow="F")
    assert found.faults == []
    shown = found.body().replace("; next end", "").replace("next end ", "").replace(": next end", ": ")
    assert shown == graph


# --------------------------------------------------------------------------- inputs of a join
INPUTS = [
    ("print(inputs.a.x)", "input a.x"),
    ("print(inputs[0].x + inputs[-1].y)", "input 0.x; input -1.y"),
    ("m = inputs.a\nprint(m.x)", "input a; input a.x"),
    ("first, second = inputs\nprint(first.x, second.y)", "input 0.x; input 1.y"),
    ("for i in inputs: print(i.x)", "input *.x"),
    ("for n, i in enumerate(inputs): print(i.x)", "input *.x"),
    ("xs = [i.x for i in inputs]", "input *.x"),
    ("xs = sum(i.x for i in inputs if i.ok)", "input *.ok; input *.x"),
    ("best = max(inputs, key=lambda i: i.score).model", "input *.score; input *.model"),
    ("best = min(inputs, key=lambda i: i.score)\nprint(best.model)", "input *.score; input *.model"),
    ("for i in sorted(inputs, key=lambda i: i.k): print(i.x)", "input *.k; input *.x"),
    ("good = [i for i in inputs if i.ok]\nprint(good[0].x)", "input *.ok; input *.x"),
    ("print(list(reversed(list(inputs)))[0].x, next(iter(inputs)).y)", "input *.x; input *.y"),
    ("print(getattr(inputs.a, 'x'), getattr(inputs.b, 'y', None))", "input a.x; input b.y?"),
    ("if hasattr(inputs.a, 'x'): print(inputs.a.x)", "input a.x?"),
    ("for k in ('p', 'q'): print(getattr(inputs[0], k))", "input 0.p; input 0.q"),
    ("print(inputs.a.helper, inputs[0].index, len(inputs))", ""),
    ("self.merge_artifacts(inputs)", "merge include=None exclude=None"),
    ("self.merge_artifacts(inputs, exclude=['x'])", "merge include=None exclude=('x',)"),
    ("self.merge_artifacts(inputs, ['x'])", "merge include=None exclude=('x',)"),
    ("self.merge_artifacts(inputs, include=NAMES)", "merge include=('x', 'y') exclude=None"),
    ("self.merge_artifacts(inputs, include=f())", "merge include=None exclude=None *"),
]


@pytest.mark.parametrize(("body", "events"), INPUTS)
def test_inputs(body: str, events: str) -> None:
    lines = "\n".join(f"                {line}" for line in body.splitlines())
    source = f"""
        from flowc import *
        NAMES = ("x", "y")
        class F(FlowSpec):
            def helper(self): pass
            @step
            def start(self): self.next(self.a, self.b)
            @step
            def a(self): self.next(self.join)
            @step
            def b(self): self.next(self.join)
            @step
            def join(self, inputs):
{lines}
                self.next(self.end)
            @step
            def end(self): pass
    """
    found = resolved(source)
    assert found.faults == []
    shown = [line.partition(": ")[2].partition("->")[0].strip() for line in found.body("join").splitlines()]
    assert "; ".join(filter(None, shown)).removesuffix("next end").removesuffix("; ") == events


def test_what_never_returns_ends_its_callers() -> None:
    members = """\
        def fail(self): raise ValueError
        def give_up(self):
            if self.x: self.fail()
            else: self.fail()
    """
    found = resolved(start_with("if f(): self.give_up()\nelse: self.next(self.end)", members=members))
    assert found.faults == []
    assert found.body() == "0: -> 1 2\n1: call give_up -> raise\n2: next end -> return"
