"""`@exit_hook`: a function of the module runs when the run has ended, well or badly."""

from metaflow import FlowSpec, exit_hook, step


def tell_success(run):
    """Say that all went well."""
    print(f"{run} has finished")


def tell_failure():
    """Say that something failed."""
    print("the run has failed")


@exit_hook(on_success=[tell_success], on_error=[tell_failure])
class ExitHooks(FlowSpec):
    """Tell the team how it went."""

    @step
    def start(self):
        self.value = 1
        self.next(self.end)

    @step
    def end(self):
        print(self.value)


if __name__ == "__main__":
    ExitHooks()
