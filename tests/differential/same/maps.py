"""`parallel_map` and what else a step imports: cards, exceptions, a profile."""

import os

import metaflow as mf
from metaflow import FlowSpec, card, current, parallel_imap_unordered, parallel_map, profile, step
from metaflow.cards import Markdown, ProgressBar, Table
from metaflow.exception import MetaflowException, MetaflowNotFound


class Gone(MetaflowNotFound):
    headline = "It is gone"


class Maps(FlowSpec):
    @card(type="blank")
    @card(type="blank", id="second")
    @step
    def start(self):
        scale = 3
        self.squares = parallel_map(lambda i: i * i * scale, range(10))
        self.one_at_a_time = parallel_map(str, iter("abc"), max_parallel=1)
        self.nothing = parallel_map(str, [])
        self.any_order = sorted(parallel_imap_unordered(lambda i: b"x" * i, range(5), max_parallel=3))
        self.nested = parallel_map(lambda i: parallel_map(lambda j: i + j, range(3)), range(3))
        self.processes = len(set(parallel_map(lambda _: os.getpid(), range(6), max_parallel=2)))
        bar = ProgressBar(max=3, label="done")
        current.card["second"].append(Markdown("# é"))
        current.card["second"].append(bar, id="bar")
        current.card["second"].extend([Table([[1]])])
        current.card["second"].components["bar"].update(2)
        current.card["second"].refresh()
        self.next(self.end)

    @step
    def end(self):
        try:
            parallel_map(lambda i: 1 // i, [1, 0])
        except Exception as error:
            self.kind = type(error).__name__
        try:
            raise Gone("why")
        except MetaflowException as error:
            self.said = (
                str(error),
                error.message,
                error.headline,
                isinstance(error, mf.exception.MetaflowException),
            )
        stats = {}
        with profile("x", stats):
            pass
        self.profiled = list(stats)


if __name__ == "__main__":
    Maps()
