"""The same sum on several cores: `parallel_map` splits the rows within one task."""

from metaflow import FlowSpec, Parameter, parallel_map, resources, step


class BigSumParallel(FlowSpec):
    """Eight cores add an eighth of the rows each."""

    size = Parameter("size", help="rows and columns of the matrix", default=80000)

    @resources(memory=60000, cpu=8)
    @step
    def start(self):
        import time

        import numpy

        big_matrix = numpy.random.ranf((self.size, self.size))
        rows = max(1, self.size // 8)
        t = time.time()
        parts = parallel_map(lambda i: big_matrix[i : i + rows].sum(), range(0, self.size, rows))
        self.sum = sum(parts)
        self.took = time.time() - t
        self.next(self.end)

    @step
    def end(self):
        print("The sum is %f." % self.sum)
        print("Computing it took %dms." % (self.took * 1000))


if __name__ == "__main__":
    BigSumParallel()
