"""Artifacts that are not there when a step needs them."""

from __future__ import annotations

import pytest

from tests.analysed import check


@pytest.mark.parametrize(
    "text",
    [
        """
        start: self.x = 1; next end
        end: print(self.x)
        """,
        """
        start: next end
        end: print(self.x)  # FC401 `self.x` is read in `end`, but no step before assigns it
        """,
        """
        start: print(self.x); self.x = 1; next end  # FC407 before anything assigns it
        end: print(self.x)
        """,
        """
        start:
            self.x = 1
            del self.x
            print(self.x)  # FC408 after it was deleted
            next end
        end: pass
        """,
        """
        start: next a, b
        a: self.x = 1; next j
        b: self.x = 2; next j
        join j: next end
        end: print(self.x)  # FC402 no path keeps it past the join `j`
        """,
        """
        start:
            if random.random() > 0.5:
                self.x = 1
            next end
        end: print(self.x)  # FC403? not every path before assigns it
        """,
        """
        start: self.xs = [1, 2]; next work, foreach='xs'
        work: self.y = self.input; next j
        join j: print(self.y); next end  # FC402 only its inputs have it
        end: pass
        """,
        """
        start: next work, foreach='xs'  # FC413 `self.xs` is iterated over in `start`
        work: next j
        join j: next end
        end: pass
        """,
        """
        start: next {'a': a, 'b': b}, condition='kind'  # FC415 `self.kind` is switched on in `start`
        a: next end
        b: next end
        end: pass
        """,
    ],
)
def test_reads(text: str) -> None:
    check(text)
