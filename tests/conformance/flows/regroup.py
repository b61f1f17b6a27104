"""A gang one of whose tasks fails at first: the others stop, and all of them meet again."""

import time

from metaflow import FlowSpec, current, parallel, retry, step


class Regroup(FlowSpec):
    @step
    def start(self):
        self.next(self.work, num_parallel=2)

    @retry(times=2, minutes_between_retries=0)
    @parallel
    @step
    def work(self):
        self.rank = current.parallel.node_index
        self.size = current.parallel.num_nodes
        if current.retry_count == 0:
            if self.rank == 1:
                raise ConnectionError("no answer")
            time.sleep(60)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.ranks = [(i.rank, i.size) for i in inputs]
        self.next(self.end)

    @step
    def end(self):
        print(self.ranks)


if __name__ == "__main__":
    Regroup()
