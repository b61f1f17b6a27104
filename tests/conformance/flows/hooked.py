"""Functions that run when the run has ended, well or badly."""

from metaflow import FlowSpec, Parameter, exit_hook, step


def went_well(run):
    print("went well:", run.id)


def went_badly():
    print("went badly")


@exit_hook(on_success=[went_well], on_error=[went_badly])
class Hooked(FlowSpec):
    well = Parameter("well", type=bool, default=True)

    @step
    def start(self):
        if not self.well:
            raise RuntimeError("as asked")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Hooked()
