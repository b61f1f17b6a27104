"""What cannot be assigned or stored, values of tasks, and switches."""

from __future__ import annotations

import pytest

from tests.analysed import check

FIXED = {
    "a parameter": """
        alpha = Parameter('alpha', default=1)
        start: self.alpha = 2; next end  # FC409 `start` assigns the parameter `alpha`
        end: pass
        """,
    "a config": """
        cfg = Config('cfg', default_value={})
        start: self.cfg = 2; next end  # FC409 `start` assigns the config `cfg`
        end: pass
        """,
    "sometimes": """
        alpha = Parameter('alpha', default=1)
        start:
            if random.random() > 0.5:
                self.alpha = 2  # FC409? `start` assigns the parameter `alpha`
            next end
        end: pass
        """,
    "in a helper": """
        alpha = Parameter('alpha', default=1)
        def reset(self): self.alpha = 0  # FC409 `reset` assigns the parameter `alpha`
        start: self.reset(); next end
        end: pass
        """,
    "caught": """
        alpha = Parameter('alpha', default=1)
        start:
            try:
                self.alpha = 2  # FC409? `start` assigns the parameter `alpha`
            except AttributeError:
                pass
            next end
        end: pass
        """,
    "a class attribute": """
        limit = 3
        start: self.limit = 4; next end  # FC422 `start` assigns `limit`, an attribute of the class `F`
        end: pass
        """,
    "a property": """
        @property
        def size(self): return 3
        start: self.size = 4; next end  # FC422 `start` assigns `size`, a property of `F` that has no setter
        end: pass
        """,
    "a property that a call makes": """
        size = property(lambda self: 3)
        start: self.size += 4; next end  # FC422 `start` assigns `size`, a property of `F`
        end: pass
        """,
    "properties with a setter, cached ones": """
        @property
        def size(self): return 3
        @size.setter
        def size(self, value): self.half = value / 2
        @functools.cached_property
        def once(self): return 3
        called = property(lambda self: 3, lambda self, value: None)
        start: self.size = 4; self.once = 5; self.called = 6; next end
        end: print(self.half)
        """,
    "a property, caught": """
        @property
        def size(self): return 3
        start:
            try:
                self.size = 4  # FC422? `start` assigns `size`, a property of `F`
            except AttributeError:
                pass
            next end
        end: pass
        """,
    "a class that assigns as it likes": """
        limit = 3
        def __setattr__(self, name, value): object.__setattr__(self, name, value)
        @property
        def size(self): return 3
        start: self.limit = 4; self.size = 5; next end  # FC422? `start` assigns `limit`
        end: pass
        """,
    "properties of FlowSpec": """
        start: self.input = 1; next middle  # FC422 `start` assigns `input`, a property of `FlowSpec` that has no setter
        middle: self.index = 1; next end  # FC422 `middle` assigns `index`, a property of `FlowSpec`
        end: self.script_name = 1  # FC422 `end` assigns `script_name`, a property of `FlowSpec`
        """,
    "parts of FlowSpec that a step may assign": """
        start: self.name = 1; next middle
        middle: self.merge_artifacts = 1; next end  # FC129? and `self.merge_artifacts` means the method
        end: self.foreach_stack = 1  # FC129? and `self.foreach_stack` means the method
        """,
    "its own meaning of a part of FlowSpec": """
        def name(self): pass
        index = 3
        start: self.name = 1; self.index = 4; next end  # FC422 an attribute of the class `F`
        end: pass
        """,
    "self.next": """
        start:
            self.next=3  # FC129 `start` assigns `self.next`, and can then go to no other step
            next middle
        middle:
            if random.random() > 0.5:
                self.next=3  # FC129? `middle` assigns `self.next`, by which a step says what comes after it
            next end
        end: self.next=3  # FC129? `end` assigns `self.next`, by which
        """,
    "deleted": """
        alpha = Parameter('alpha', default=1)
        limit = 3
        start: del self.alpha; next middle  # FC409 `start` deletes the parameter `alpha`
        middle: del self.limit; next end  # FC422 `middle` deletes `limit`, an attribute of the class `F`
        end:
            try:
                del self.alpha
            except AttributeError:
                pass
        """,
    "a private class attribute, a method, an annotation": """
        _cache = None
        x : int
        def helper(self): pass
        start: self._cache = 4; self.helper = 5; self.x = 6; next end
        end: print(self.x)
        """,
}

STORED = {
    "a generator": """
        start: self.xs = (x for x in range(3)); next end  # FC411 `self.xs` is a generator when `start` ends
        end: pass
        """,
    "a lock and a file": """
        start:
            self.lock = threading.Lock()  # FC411 `self.lock` is a lock
            self.file = open('x')  # FC411 `self.file` is an open file
            next end
        end: pass
        """,
    "a lambda": """
        start: self.f = lambda x: x; next end  # FC411? `self.f` is a lambda when `start` ends, which is not stored
        end: pass
        """,
    "on one path": """
        start:
            self.f = 1
            if random.random() > 0.5:
                self.f = open('x')  # FC411? `self.f` is an open file
            next end
        end: pass
        """,
    "deleted in time": """
        start: self.f = open('x'); del self.f; next end
        end: pass
        """,
    "replaced in time": """
        start: self.xs = (x for x in range(3)); self.xs = list(self.xs); next end
        end: pass
        """,
}

TASKS = {
    "outside": """
        start: print(self.input); next end  # FC410? `self.input` is always None in `start`
        end: print(self.index)  # FC410? `self.index` is always None in `end`
        """,
    "inside": """
        start: self.xs = [1]; next work, foreach='xs'
        work: print(self.input); next a, b
        a: print(self.index); next j
        b: next j
        join j: print(self.input); next k
        join k: print(self.index); next end  # FC410? `self.index` is always None in `k`
        end: pass
        """,
}

SWITCHES = {
    "no row": """
        start: self.kind = 'c'; next {'a': a, 'b': b}, condition='kind'  # FC416 `self.kind` is 'c', which the table of `start` does not list
        a: next end
        b: next end
        end: pass
        """,
    "no row on one path": """
        start:
            self.kind = 'a'
            if random.random() > 0.5:
                self.kind = 'c'
            next {'a': a, 'b': b}, condition='kind'  # FC423? `self.kind` may be 'c'
        a: next end
        b: next end
        end: pass
        """,
    "from a step before": """
        start: self.kind = 'c'; next middle
        middle: next {'a': a, 'b': b}, condition='kind'  # FC416 `self.kind` is 'c'
        a: next end
        b: next end
        end: pass
        """,
    "a row for each": """
        start: self.kind = random.choice(['a', 'b']); next middle
        middle:
            if self.kind == 'a':
                self.flag = True
            else:
                self.flag = 0
            next {True: a, False: b}, condition='flag'
        a: next end
        b: next end
        end: pass
        """,
}


@pytest.mark.parametrize("text", FIXED.values(), ids=FIXED)
def test_fixed(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", STORED.values(), ids=STORED)
def test_stored(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", TASKS.values(), ids=TASKS)
def test_tasks(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", SWITCHES.values(), ids=SWITCHES)
def test_switches(text: str) -> None:
    check(text)
