"""num_parallel with @parallel: ranks, sizes, and the join over them."""

from metaflow import FlowSpec, current, parallel, step


class Gangs(FlowSpec):
    @step
    def start(self):
        self.common = 5
        self.next(self.train, num_parallel=3)

    @parallel
    @step
    def train(self):
        facts = current.parallel
        self.rank = facts.node_index
        self.size = facts.num_nodes
        self.address = bool(facts.main_ip)
        self.whole = (self.input, self.index, self.common)
        self.next(self.join)

    @step
    def join(self, inputs):
        self.ranks = sorted(i.rank for i in inputs)
        self.sizes = {i.size for i in inputs}
        self.count = len(list(inputs))
        self.wholes = [i.whole for i in inputs]
        self.stack = self.foreach_stack()
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Gangs()
