"""Artifacts that are not there when a step needs them, and flows in which they are."""

from __future__ import annotations

import textwrap

import pytest

from tests.analysed import analyse, check, source_of

MISSING = {
    "undefined": """
        start: next end
        end: print(self.x)  # FC401 `self.x` is read in `end`, but no step before assigns it
        """,
    "in two steps": """
        start: print(self.x); next end  # FC401 read in `start`
        end: print(self.x)  # FC401 read in `end`
        """,
    "once a step": """
        start:
            print(self.x)  # FC401 read in `start`
            print(self.x)
            next end
        end: pass
        """,
    "before it is written": """
        start: print(self.x); self.x = 1; next end  # FC407 before anything assigns it
        end: print(self.x)
        """,
    "counted up from nothing": """
        start: self.n += 1; next end  # FC407 before anything assigns it
        end: print(self.n)
        """,
    "deleted": """
        start:
            self.x = 1
            del self.x
            print(self.x)  # FC408 after it was deleted
            next end
        end: pass
        """,
    "deleted in a step before": """
        start: self.x = 1; del self.x; next end
        end: print(self.x)  # FC408 after it was deleted
        """,
    "nothing to delete": """
        start: del self.x; next end  # FC401 `self.x` is deleted in `start`
        end: pass
        """,
    "deleted without being held": """
        start: self.x = 1; next middle
        middle: del self.x; next end  # FC424 `middle` deletes `self.x`, which it has neither read nor assigned
        end: print(self.x)
        """,
    "deleted by name without being held, on some path": """
        start: self.x = 1; next middle
        middle:
            if random.random() > 0.5:
                delattr(self, 'x')  # FC424? `middle` deletes `self.x`
            else:
                print(self.x)
            next end
        end: print(self.x)
        """,
    "deleted and assigned only afterwards": """
        start: self.x = 1; next middle
        middle: del self.x; self.x = 2; next end  # FC424 `middle` deletes `self.x`
        end: print(self.x)
        """,
    "lost at a join": """
        start: next a, b
        a: self.x = 1; next j
        b: self.x = 2; next j
        join j: next end
        end: print(self.x)  # FC402 no path keeps it past the join `j`
        """,
    "lost though assigned before the split": """
        start: self.x = 1; next a, b
        a: next j
        b: next j
        join j: next middle
        middle: next end
        end: print(self.x)  # FC402 no path keeps it past the join `j`
        """,
    "lost at the inner of two joins": """
        start: next a, b
        a: next c, d
        c: self.x = 1; next k
        d: next k
        join k: next j
        b: next j
        join j: self.y = inputs.k.y; next end  # FC420 `y` is read from `k` in `j`, but `k` never has it
        end: print(self.x)  # FC402 no path keeps it past the join `k`
        """,
    "in the join itself": """
        start: self.xs = [1, 2]; next work, foreach='xs'
        work: self.y = self.input; next j
        join j: print(self.y); next end  # FC402 in the join `j`, but only its inputs have it
        end: pass
        """,
    "foreach over nothing": """
        start: next work, foreach='xs'  # FC413 `self.xs` is iterated over in `start`
        work: next j
        join j: next end
        end: pass
        """,
    "foreach over what a join drops": """
        start: self.xs = [1]; next a, b
        a: next j
        b: next j
        join j: next work, foreach='xs'  # FC413 only its inputs have it
        work: next k
        join k: next end
        end: pass
        """,
    "no condition": """
        start: next {'a': a, 'b': b}, condition='kind'  # FC415 `self.kind` is switched on in `start`
        a: next end
        b: next end
        end: pass
        """,
    "through a helper": """
        def report(self): print(self.model)
        start: next end
        end: self.report()  # FC401 `self.model` is read in `end`
        """,
    "through helpers that call one another": """
        def even(self, n): return n == 0 or self.odd(n - 1)
        def odd(self, n): print(self.depth); return n != 0 and self.even(n - 1)
        start: next end
        end: self.odd(3)  # FC401 `self.depth` is read in `end`
        """,
    "dropped by exclude": """
        start: next a, b
        a: self.x = 1; self.y = 1; next j
        b: next j
        join j: self.merge_artifacts(inputs, exclude=['x']); next end
        end: print(self.y, self.x)  # FC402 past the join `j`
        """,
}

UNCERTAIN = {
    "assigned in one branch of an if": """
        start:
            if random.random() > 0.5:
                self.x = 1
            next end
        end: print(self.x)  # FC403? not every path before assigns it
        """,
    "read in one branch of an if": """
        start: next end
        end:
            if random.random() > 0.5:
                print(self.x)  # FC403? on some paths of `end`, but no step before assigns it
        """,
    "assigned in a loop that may not run": """
        start:
            for self.last in range(random.randint(0, 3)):
                pass
            next end
        end: print(self.last)  # FC403? not every path
        """,
    "one arm of a switch": """
        start: self.kind = random.choice('ab'); next {'a': a, 'b': b}, condition='kind'
        a: self.x = 1; next end
        b: next end
        end: print(self.x)  # FC403? not every path before assigns it
        """,
    "lost at a join on one path": """
        start:
            self.x = 1
            if random.random() > 0.5:
                next split
            else:
                next straight
        split: next a, b
        a: next j
        b: next j
        join j: next end
        straight: next end
        end: print(self.x)  # FC421? the join `j` drops it on some path
        """,
    "a handler that forgets": """
        start:
            try:
                self.x = int(input())
            except ValueError:
                print('none')
            next end
        end: print(self.x)  # FC403? not every path
        """,
    "a path that ends in an exception": """
        start:
            if random.random() > 0.5:
                raise RuntimeError(self.never)  # FC403? on some paths of `start`
            next end
        end: pass
        """,
    "caught, and nobody looks": """
        @catch
        start: self.x = 1 / random.randint(0, 1); next end
        end: print(self.x)  # FC403? not every path
        """,
}

FINE = {
    "assigned before": """
        start: self.x = 1; next middle
        middle: next end
        end: print(self.x)
        """,
    "both branches of an if": """
        start:
            if random.random() > 0.5:
                self.x = 1
            else:
                self.x = 2
            next end
        end: print(self.x)
        """,
    "assigned or raised": """
        start:
            if random.random() > 0.5:
                self.x = 1
            else:
                raise ValueError
            next end
        end: print(self.x)
        """,
    "asked for first": """
        start: next end
        end:
            if hasattr(self, 'x'):
                print(self.x)
            print(getattr(self, 'y', None))
            try:
                print(self.z)
            except AttributeError:
                pass
        """,
    "assigned by name": """
        start:
            for name in input().split():
                setattr(self, name, 1)
            next end
        end: print(self.x)
        """,
    "handed on": """
        start: random.shuffle(self); next end
        end: print(self.x)
        """,
    "a parameter, a config, an attribute, a property, a method": """
        alpha = Parameter('alpha', default=1)
        limit = 3
        @property
        def twice(self): return 2 * self.limit
        start: next end
        end: print(self.alpha, self.limit, self.twice, self.start, self.name, self.__class__, self.__dict__)
        """,
    "what the setter of a property assigns": """
        @property
        def rate(self): return self._rate
        @rate.setter
        def rate(self, value): self._rate = value
        @rate.deleter
        def rate(self): self.gone = True
        start: self.rate = 3; self.rate += 1; del self.rate; next end
        end: print(self.rate, self._rate, self.gone)
        """,
    "parameters pass a join": """
        alpha = Parameter('alpha', default=1)
        start: next a, b
        a: next j
        b: next j
        join j: next end
        end: print(self.alpha)
        """,
    "merged": """
        start: self.x = 1; next a, b
        a: self.y = 1; next j
        b: next j
        join j: self.merge_artifacts(inputs); next end
        end: print(self.x, self.y)
        """,
    "merged by name": """
        start: self.x = 1; next a, b
        a: self.y = 1; next j
        b: next j
        join j: self.merge_artifacts(inputs, include=['y']); print(self.y); next end
        end: print(self.y)
        """,
    "chosen": """
        start: self.xs = range(3); next work, foreach='xs'
        work: self.y = self.input; next j
        join j: self.best = max(inputs, key=lambda i: i.y).y; self.ys = [i.y for i in inputs]; next end
        end: print(self.best, self.ys)
        """,
    "deleted after it was read, and there before": """
        start: self.x = 1; self.y = 2; next middle
        middle: print(self.x); del self.x; print(self.x); self.show(); del self.y; next end
        def show(self): print(self.y)
        end: print(self.x, self.y)
        """,
    "deleted after it was merged, asked for, or reached in ways not seen": """
        start: self.x = self.y = self.z = 1; next a, b
        a: next j
        b: next j
        join j: self.merge_artifacts(inputs); del self.x; next middle
        middle:
            if hasattr(self, 'y'):
                del self.y
            mystery.load(self); del self.z
            next end
        end: print(self.x, self.y, self.z)
        """,
    "deleted in a loop that reads it": """
        start: self.x = 1; next end
        end:
            for i in range(3):
                if i:
                    del self.x
                else:
                    print(self.x)
        """,
    "deletion is caught": """
        start: self.x = 1; next middle
        middle:
            try:
                del self.x, self.never
            except AttributeError:
                pass
            next end
        end: print(self.x)
        """,
    "deleted and there before": """
        start: self.x = 1; next middle
        middle: self.x = 2; del self.x; next end
        end: print(self.x)
        """,
    "by a helper": """
        def load(self): self.x = 1
        start: self.load(); next end
        end: print(self.x)
        """,
    "by a helper of a helper, on each path": """
        def load(self): self.fill() if random.random() > 0.5 else self.clear()
        def fill(self): self.x = [1]
        def clear(self): self.x = []
        start: self.load(); next end
        end: print(self.x)
        """,
    "by a helper that calls itself": """
        def count(self, n):
            self.n = n
            return self.count(n - 1) if n else 0
        start: self.count(3); next end
        end: print(self.n)
        """,
    "around a loop": """
        start: self.n = 0; next work
        work: self.n += 1; self.go = 'again' if self.n < 3 else 'done'; next {'again': work, 'done': end}, condition='go'
        end: print(self.n)
        """,
    "assigned on the first visit": """
        start: self.go = 'on'; next work
        work:
            if not hasattr(self, 'seen'):
                self.seen = []
            self.seen.append(1)
            self.go = 'done'
            next {'on': work, 'done': end}, condition='go'
        end: print(self.seen)
        """,
    "the exception of a caught step": """
        @catch(var='failure')
        start: self.x = 1 / random.randint(0, 1); next end
        end:
            if self.failure is None:
                print(self.x)
        """,
    "an if that chooses the next step": """
        start:
            if random.random() > 0.5:
                self.x = 1
                next a
            else:
                next b
        a: print(self.x); next end
        b: next end
        end: pass
        """,
    "an artifact beside the condition": """
        start:
            if random.random() > 0.5:
                self.kind = 'a'
                self.x = 1
            else:
                self.kind = 'b'
            next {'a': a, 'b': b}, condition='kind'
        a: print(self.x); next end
        b: next end
        end: pass
        """,
    "made with the flow": """
        def __init__(self, use_cli=True): self.x = 1; super().__init__(use_cli)
        start: next end
        end: print(self.x)
        """,
    "code that cannot be seen": """
        attached = mystery.function
        @mystery.wrapped
        def helper(self): pass
        start: next a
        a: self.attached(); next b
        b: print(self.x); self.helper(); next c
        c: print(self.y); exec('self.z = 1'); next end
        end: print(self.z)
        """,
    "some of the inputs": """
        start: next a, b
        a: self.x = 1; next j
        b: self.x = 2; next j
        join j: self.merge_artifacts([inputs.a]); next end
        end: print(self.x)
        """,
    "a decorator of the user": """
        start: self.x = 1; next end
        @mystery.decorator
        end: print(self.y)
        """,
    "a decorator of the user that swallows what the step raises": """
        start: next a, b
        a: next j
        @mystery.decorator
        b: raise ValueError('no'); next j
        join j: print(inputs.b.why); next end
        end: pass
        """,
    "in a mutable default": """
        start: self.__hidden = 1; self._private = 2; next end
        end: print(self.__hidden, self._private)
        """,
    "a finally": """
        start:
            try:
                print('work')
            finally:
                self.x = 1
            next end
        end: print(self.x)
        """,
    "exclude lets the rest through": """
        start: self.x = 1; next a, b
        a: self.y = 1; next j
        b: self.y = 2; next j
        join j: self.merge_artifacts(inputs, exclude=['y']); next end
        end: print(self.x)
        """,
    "a walrus, a with, a tuple": """
        start:
            self.a, self.b = 1, 2
            with open('x') as self.c:
                pass
            del self.c
            next end
        end: print(self.a, self.b)
        """,
}


@pytest.mark.parametrize("text", MISSING.values(), ids=MISSING)
def test_missing(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", UNCERTAIN.values(), ids=UNCERTAIN)
def test_uncertain(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", FINE.values(), ids=FINE)
def test_fine(text: str) -> None:
    found = [f"{d.rule.code} {d.message}" for d in analyse(source_of(text)) if d.rule.code.startswith("FC4")]
    assert not found, textwrap.dedent(text)


@pytest.mark.parametrize(
    ("read", "help_"),
    [
        ("self.inptu", "did you mean `input`?"),
        ("self.modle", "did you mean `model`?"),
        ("self.datset", "did you mean `dataset`?"),
        ("self.zebra", "assign `self.zebra` in `end` or in a step before it"),
    ],
)
def test_a_misspelt_name_is_put_right(read: str, help_: str) -> None:
    found = analyse(
        source_of(f"start: self.model = 1; self.dataset = 2; next end\nend: print({read}, self.model)")
    )
    assert [d.helps for d in found] == [(help_,)]
