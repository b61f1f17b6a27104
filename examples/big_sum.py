"""The sum of a large random matrix: the step that holds it asks for the memory it needs."""

from metaflow import FlowSpec, Parameter, resources, step


class BigSum(FlowSpec):
    """At a size of 80,000 the matrix takes 48 GB."""

    size = Parameter("size", help="rows and columns of the matrix", default=80000)

    @resources(memory=60000, cpu=1)
    @step
    def start(self):
        import time

        import numpy

        big_matrix = numpy.random.ranf((self.size, self.size))
        t = time.time()
        self.sum = numpy.sum(big_matrix)
        self.took = time.time() - t
        self.next(self.end)

    @step
    def end(self):
        print("The sum is %f." % self.sum)
        print("Computing it took %dms." % (self.took * 1000))


if __name__ == "__main__":
    BigSum()
