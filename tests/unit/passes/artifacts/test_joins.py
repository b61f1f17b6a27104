"""What joins read of their inputs and merge."""

from __future__ import annotations

import pytest

from tests.analysed import check

INPUTS = {
    "no such branch": """
        start: next alpha, b
        alpha: next j
        b: next j
        join j: print(inputs.alpho); next end  # FC406 `inputs` of `j` has no branch `alpho`; it has `alpha` and `b`
        end: pass
        """,
    "the first step of a branch that has two": """
        start: next a, b
        a: self.x = 1; next c
        c: next j
        b: next j
        join j: print(inputs.a.x); next end  # FC406 no branch `a`; it has `c` and `b`
        end: pass
        """,
    "an index beyond": """
        start: next a, b
        a: next j
        b: next j
        join j: print(inputs[2]); next end  # FC406 `inputs[2]` is none of the 2 inputs of `j`
        end: pass
        """,
    "a branch without the artifact": """
        start: next a, b
        a: self.x = 1; next j
        b: next j
        join j: print(inputs.a.x, inputs.b.x); next end  # FC420 `x` is read from `b` in `j`, but `b` never has it
        end: pass
        """,
    "any branch": """
        start: next a, b
        a: self.x = 1; next j
        b: next j
        join j: print([i.x for i in inputs]); next end  # FC420? but `b` never has it
        end: pass
        """,
    "no branch": """
        start: next a, b
        a: next j
        b: next j
        join j: print([i.x for i in inputs]); next end  # FC420 but no input ever has it
        end: pass
        """,
    "a branch that raises after the assignment": """
        start: next a, b
        @catch(var='failure')
        a:
            self.x = 1
            raise ValueError
            next j
        b: next j
        join j: print(inputs.a.x); next end  # FC403? not every path of its branch assigns it
        end: pass
        """,
    "a body that may not": """
        start: self.xs = [1, 2]; next work, foreach='xs'
        work:
            if self.input > 1:
                self.y = 1
            next j
        join j: print([i.y for i in inputs]); next end  # FC403? not every path of its branch assigns it
        end: pass
        """,
    "asked for first": """
        start: next a, b
        a: self.x = 1; next j
        b: next j
        join j: print([i.x for i in inputs if hasattr(i, 'x')]); next end
        end: pass
        """,
    "the last step of a foreach by its name": """
        start: self.xs = [1, 2]; next work, foreach='xs'
        work: self.y = 1; next fold
        fold: next j
        join j: print(inputs.fold.y, inputs[0].y, inputs[17].y, len(list(inputs)), inputs.flows); next end
        end: pass
        """,
    "parameters and task values": """
        alpha = Parameter('alpha', default=1)
        start: self.xs = [1, 2]; next work, foreach='xs'
        work: next j
        join j: print([(i.alpha, i.index, i.input) for i in inputs]); next end
        end: pass
        """,
    "arms that end in a switch": """
        start: self.k = random.choice('xy'); next a, b
        a: next {'x': p, 'y': q}, condition='k'
        p: self.v = 1; next j
        q: self.v = 2; next j
        b: self.v = 3; next j
        join j: self.vs = [i.v for i in inputs]; next end
        end: print(self.vs)
        """,
}

MERGES = {
    "different constants": """
        start: next a, b
        a: self.x = 1; next j
        b: self.x = 2; next j
        join j: self.merge_artifacts(inputs); next end  # FC404 `merge_artifacts` in `j` meets different values of `x`
        end: pass
        """,
    "the same constant": """
        start: next a, b
        a: self.x = 1; next j
        b: self.x = 1; next j
        join j: self.merge_artifacts(inputs); next end
        end: print(self.x)
        """,
    "one arm changes it": """
        start: self.x = 1; next a, b
        a: self.x = 2; next j
        b: next j
        join j: self.merge_artifacts(inputs); next end  # FC404 meets different values of `x`
        end: pass
        """,
    "one arm changes it to who knows what": """
        start: self.x = random.random(); next a, b
        a: self.x = random.random(); next j
        b: next j
        join j: self.merge_artifacts(inputs); next end  # FC405? meets values of `x`, which may differ
        end: pass
        """,
    "different assignments": """
        start: next a, b
        a: self.x = random.random(); next j
        b: self.x = random.random(); next j
        join j: self.merge_artifacts(inputs); next end  # FC405? which may differ
        end: pass
        """,
    "set in the join": """
        start: next a, b
        a: self.x = 1; next j
        b: self.x = 2; next j
        join j: self.x = inputs.a.x; self.merge_artifacts(inputs); next end
        end: print(self.x)
        """,
    "excluded": """
        start: next a, b
        a: self.x = 1; next j
        b: self.x = 2; next j
        join j: self.merge_artifacts(inputs, exclude=['x']); next end
        end: pass
        """,
    "not included": """
        start: self.y = 1; next a, b
        a: self.x = 1; next j
        b: self.x = 2; next j
        join j: self.merge_artifacts(inputs, include=['y']); next end
        end: print(self.y)
        """,
    "each task of a foreach": """
        start: self.xs = [1, 2]; next work, foreach='xs'
        work: self.y = self.input; next j
        join j: self.merge_artifacts(inputs); next end  # FC405? meets a `y` of each task of the foreach
        end: pass
        """,
    "a constant in each task": """
        start: self.xs = [1, 2]; next work, foreach='xs'
        work: self.y = 'done'; next j
        join j: self.merge_artifacts(inputs); next end
        end: print(self.y, self.xs)
        """,
    "changed around an inner split only": """
        start: self.x = 1; next a, b
        a: self.x = random.random(); next c, d
        c: next k
        d: next k
        join k: self.merge_artifacts(inputs); next j
        b: next j
        join j: self.merge_artifacts(inputs); next end  # FC405? meets values of `x`
        end: pass
        """,
    "sometimes different": """
        start: next a, b
        a:
            self.x = 1 if random.random() > 0.5 else 2
            next j
        b: self.x = 1; next j
        join j: self.merge_artifacts(inputs); next end  # FC405? which may differ
        end: pass
        """,
    "outside a join": """
        start: next end
        end: self.merge_artifacts([])  # FC417 `merge_artifacts` is called in `end`, which is no join
        """,
    "includes what no input has": """
        start: next a, b
        a: self.model = 1; next j
        b: next j
        join j: self.merge_artifacts(inputs, include=['modle']); next end  # FC418 includes `modle`, but no input of `j` ever has it
        end: pass
        """,
    "includes what the join has": """
        start: next a, b
        a: next j
        b: next j
        join j: self.x = 1; self.merge_artifacts(inputs, include=['x']); next end
        end: print(self.x)
        """,
    "a merge without inputs": """
        start: self.x = 1; next a, b
        a: next j
        b: next j
        join j: self.merge_artifacts(include=['x']); next end  # FC419 `merge_artifacts` is not given the inputs of the join
        end: print(self.x)
        """,
    "a merge with a misspelt argument": """
        start: self.x = 1; next a, b
        a: next j
        b: next j
        join j: self.merge_artifacts(inputs, includes=['x']); next end  # FC419 `merge_artifacts` has no argument `includes`
        end: print(self.x)
        """,
    "a merge of text": """
        start: self.xy = 1; next a, b
        a: next j
        b: next j
        join j: self.merge_artifacts(inputs, include='xy'); next end  # FC419 `merge_artifacts` takes each letter of 'xy' for a name
        end: pass
        """,
    "both lists": """
        start: self.x = 1; next a, b
        a: next j
        b: next j
        join j: self.merge_artifacts(inputs, include=['x'], exclude=['y']); next end  # FC419 both `include` and `exclude`
        end: pass
        """,
    "lists that only run time knows": """
        start: self.x = 1; next a, b
        a: self.x = 2; next j
        b: next j
        join j: self.merge_artifacts(inputs, exclude=input().split()); next end
        end: print(self.x)
        """,
}


@pytest.mark.parametrize("text", INPUTS.values(), ids=INPUTS)
def test_inputs(text: str) -> None:
    check(text)


@pytest.mark.parametrize("text", MERGES.values(), ids=MERGES)
def test_merges(text: str) -> None:
    check(text)
