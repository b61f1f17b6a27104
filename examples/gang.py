"""A gang: `num_parallel` tasks that run at once and know each other by `current.parallel`."""

from metaflow import FlowSpec, current, parallel, step


class Gang(FlowSpec):
    """Three workers share a sum between them."""

    @step
    def start(self):
        self.numbers = list(range(12))
        self.next(self.work, num_parallel=3)

    @parallel
    @step
    def work(self):
        self.rank = current.parallel.node_index
        self.part = sum(self.numbers[self.rank :: current.parallel.num_nodes])
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(i.part for i in inputs)
        self.next(self.end)

    @step
    def end(self):
        print(self.total)


if __name__ == "__main__":
    Gang()
