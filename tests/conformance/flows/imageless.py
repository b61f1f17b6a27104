"""A step whose image no registry has."""

from metaflow import FlowSpec, kubernetes, step


class Imageless(FlowSpec):
    @step
    def start(self):
        self.next(self.far)

    @kubernetes(image="flowc.invalid/absent:1", memory=200, cpu=0.05)
    @step
    def far(self):
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Imageless()
