"""A gang whose size the run decides; one larger than the workers cannot run all at once."""

from metaflow import FlowSpec, Parameter, current, parallel, step


class Muster(FlowSpec):
    size = Parameter("size", default=2)

    @step
    def start(self):
        self.next(self.work, num_parallel=self.size)

    @parallel
    @step
    def work(self):
        self.rank = current.parallel.node_index
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Muster()
