"""`import metaflow as mf`, explicit first and last steps, and a decorator under another name."""

import metaflow as mf
from metaflow import retry as again


class Aliases(mf.FlowSpec):
    """The compiler follows names, however they were imported."""

    @again(times=2)
    @mf.step(start=True)
    def load(self):
        self.rows = 3
        self.next(self.finish)

    @mf.resources(memory=1024)
    @mf.step(end=True)
    def finish(self):
        print(self.rows)


if __name__ == "__main__":
    Aliases()
