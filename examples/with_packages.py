"""`@pypi` and `@pypi_base`: the packages a flow needs, which its image must hold."""

from metaflow import FlowSpec, pypi, pypi_base, step


@pypi_base(packages={"requests": "2.32.3"}, python="3.11.9")
class WithPackages(FlowSpec):
    """Use a package in one step alone."""

    @step
    def start(self):
        self.values = [1.0, 2.0, 4.0]
        self.next(self.analyse)

    @pypi(packages={"numpy": "2.1.0"})
    @step
    def analyse(self):
        import numpy

        self.mean = float(numpy.mean(self.values))
        self.next(self.end)

    @step
    def end(self):
        print(self.mean)


if __name__ == "__main__":
    WithPackages()
