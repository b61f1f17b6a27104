"""Static sizes of foreaches and gangs, and what is said of those that do not fit."""

from __future__ import annotations

import pytest

from flowc.target.settings import Settings
from tests.analysed import check

SIZES = {
    "too many": """
        start: self.params = range(1000); next work, foreach='params'  # FC451 foreach over `params` makes 1,000 tasks; the limit is 100
        work: next j
        join j: next end
        end: pass
        """,
    "too many from a step before": """
        start: self.params = list(range(101)); next middle
        middle: next work, foreach='params'  # FC451 makes 101 tasks
        work: next j
        join j: next end
        end: pass
        """,
    "too many in a class attribute": """
        params = tuple(range(200))
        start: next work, foreach='params'  # FC451 makes 200 tasks
        work: next j
        join j: next end
        end: pass
        """,
    "too many on some path": """
        start:
            self.params = [1]
            if random.random() > 0.5:
                self.params = range(1000)
            next work, foreach='params'  # FC451? makes 1,000 tasks
        work: next j
        join j: next end
        end: pass
        """,
    "too many where the step may go elsewhere": """
        start:
            self.params = range(1000)
            if random.random() > 0.5:
                next work, foreach='params'  # FC451? makes 1,000 tasks
            else:
                next end
        work: next j
        join j: next end
        end: pass
        """,
    "a parameter that is a number": """
        n = Parameter('n', default=3)
        start: next work, foreach='n'  # FC414 foreach over the parameter `n`, which is an int and has no items
        work: next j
        join j: next end
        end: pass
        """,
    "a limit of its own": """
        @fanout(max_num_splits=1000)
        start: self.params = range(1000); next work, foreach='params'
        work: next j
        join j: next end
        end: pass
        """,
    "a smaller limit of its own": """
        @fanout(max_num_splits=3)
        start: self.params = range(4); next work, foreach='params'  # FC451 the limit is 3
        work: next j
        join j: next end
        end: pass
        """,
    "filled one by one": """
        start:
            self.params = []
            for i in range(10):
                self.params.append(i)
            next work, foreach='params'
        work: next j
        join j: next end
        end: pass
        """,
    "filled through another name": """
        start:
            self.params = rows = []
            rows.extend(range(10))
            next work, foreach='params'
        work: next j
        join j: next end
        end: pass
        """,
    "filled in a step after": """
        start: self.params = []; next middle
        middle: self.params += [1]; next fill
        fill: self.params.append(2); next work, foreach='params'
        work: next j
        join j: next end
        end: pass
        """,
    "filled by a helper": """
        def fill(self): self.params.append(1)
        start: self.params = []; self.fill(); next work, foreach='params'
        work: next j
        join j: next end
        end: pass
        """,
    "empty": """
        start: self.params = []; next work, foreach='params'  # FC452 foreach over `params` has no items
        work: next j
        join j: next end
        end: pass
        """,
    "empty on some path": """
        start:
            self.params = [1] if random.random() > 0.5 else mystery.load()
            if random.random() > 0.5:
                self.params = ()
            next work, foreach='params'  # FC452? has no items
        work: next j
        join j: next end
        end: pass
        """,
    "a number": """
        start: self.params = 3; next work, foreach='params'  # FC414 foreach over `params`, which is an int and has no items
        work: next j
        join j: next end
        end: pass
        """,
    "a set": """
        start: self.params = {'a', 'b'}; next work, foreach='params'  # FC412? foreach over `params`, a set
        work: next j
        join j: next end
        end: pass
        """,
    "a gang": """
        start: next work, num_parallel=32  # FC453 the gang of `work` has 32 tasks that run at once; the run has 16 workers
        @parallel
        work: next j
        join j: next end
        end: pass
        """,
    "no foreach": """
        @fanout(max_workers=2)  # FC455 `@fanout` is on `start`, which does not split over a foreach
        start: next end
        end: pass
        """,
}


@pytest.mark.parametrize("text", SIZES.values(), ids=SIZES)
def test_sizes(text: str) -> None:
    check(text)


def test_the_limit_is_that_of_the_settings() -> None:
    text = """
        start: self.params = range(1000); next work, foreach='params'
        work: next j
        join j: next end
        end: pass
        """
    check(text, Settings(max_num_splits=1000))
