"""The flows that have bad luck. Each task says in the file `ran` that it runs, before anything else."""

from __future__ import annotations

HEAD = """\
import os
from flowc import FlowSpec, catch, current, parallel, retry, step


def ran():
    with open("ran", "a") as stream:
        stream.write(current.step_name + "/" + current.task_id + "\\n")


"""

# A foreach, its join, a branch, a switch and a loop.
ALL = (
    HEAD
    + """\
class All(FlowSpec):
    @step
    def start(self):
        ran()
        self.xs = [3, 4]
        self.big = bytes(100_000)
        self.next(self.work, foreach="xs")

    @step
    def work(self):
        ran()
        self.y = self.input * 10
        self.next(self.gather)

    @step
    def gather(self, inputs):
        ran()
        self.total = sum(i.y for i in inputs)
        self.next(self.left, self.right)

    @step
    def left(self):
        ran()
        self.side = "left"
        self.next(self.meet)

    @step
    def right(self):
        ran()
        self.side = "right"
        self.next(self.meet)

    @step
    def meet(self, inputs):
        ran()
        self.sides = [i.side for i in inputs]
        self.merge_artifacts(inputs, exclude=["side"])
        self.rounds = 0
        self.next(self.turn)

    @step
    def turn(self):
        ran()
        self.rounds += 1
        self.word = "again" if self.rounds < 2 else "odd"
        self.next({"again": self.turn, "odd": self.odd, "even": self.even}, condition="word")

    @step
    def odd(self):
        ran()
        self.end_word = "odd"
        self.next(self.end)

    @step
    def even(self):
        ran()
        self.end_word = "even"
        self.next(self.end)

    @step
    def end(self):
        ran()
        self.result = (self.total, self.sides, self.rounds, self.end_word)
"""
)

# What raises is caught, or succeeds when it is tried again.
CAUGHT = (
    HEAD
    + """\
def fall():
    raise ValueError("as always")


class Caught(FlowSpec):
    @step
    def start(self):
        ran()
        self.next(self.falls, self.stumbles)

    @catch(var="why")
    @retry(times=1, minutes_between_retries=0)
    @step
    def falls(self):
        ran()
        self.so_far = "here"
        fall()
        self.next(self.join)

    @retry(times=2, minutes_between_retries=0)
    @step
    def stumbles(self):
        ran()
        if current.retry_count == 0:
            raise ValueError("at first")
        self.fine = True
        self.next(self.join)

    @step
    def join(self, inputs):
        ran()
        self.why = str(inputs.falls.why is not None)
        self.fine = inputs.stumbles.fine
        self.next(self.end)

    @step
    def end(self):
        ran()
"""
)

GANG = (
    HEAD
    + """\
class Ranks(FlowSpec):
    @step
    def start(self):
        ran()
        self.next(self.train, num_parallel=2)

    @parallel
    @step
    def train(self):
        ran()
        self.rank = current.parallel.node_index
        self.next(self.join)

    @step
    def join(self, inputs):
        ran()
        self.ranks = sorted(i.rank for i in inputs)
        self.next(self.end)

    @step
    def end(self):
        ran()
"""
)

NESTED = (
    HEAD
    + """\
class Nested(FlowSpec):
    @step
    def start(self):
        ran()
        self.xs = [1, 2]
        self.next(self.outer, foreach="xs")

    @step
    def outer(self):
        ran()
        self.x = self.input
        self.ys = "ab"
        self.next(self.inner, foreach="ys")

    @step
    def inner(self):
        ran()
        self.pair = (self.x, self.input)
        self.next(self.near)

    @step
    def near(self, inputs):
        ran()
        self.pairs = [i.pair for i in inputs]
        self.next(self.far)

    @step
    def far(self, inputs):
        ran()
        self.pairs = sum((i.pairs for i in inputs), [])
        self.next(self.end)

    @step
    def end(self):
        ran()
"""
)
