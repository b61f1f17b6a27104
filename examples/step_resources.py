"""`@resources`: what a step needs, wherever it runs; values may be computed from constants."""

from metaflow import FlowSpec, resources, step

GIGABYTE = 1000


class StepResources(FlowSpec):
    """A light step, a heavy one and one with a GPU."""

    WORKERS = 4

    @resources(cpu=0.5, memory=512)
    @step
    def start(self):
        self.samples = list(range(100))
        self.next(self.prepare)

    @resources(cpu=WORKERS, memory=16 * GIGABYTE, disk=50 * GIGABYTE)
    @step
    def prepare(self):
        self.squares = [s * s for s in self.samples]
        self.next(self.train)

    @resources(gpu=1, cpu=8, memory=60000, shared_memory=2 * GIGABYTE)
    @step
    def train(self):
        self.model = sum(self.squares) / len(self.squares)
        self.next(self.end)

    @step
    def end(self):
        print(self.model)


if __name__ == "__main__":
    StepResources()
