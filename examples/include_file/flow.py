"""`IncludeFile`: a file beside the flow travels with the run as an artifact."""

import os

from metaflow import FlowSpec, IncludeFile, step


class Included(FlowSpec):
    """Count the rows of a small table."""

    table = IncludeFile(
        "table",
        help="a comma-separated table",
        default=os.path.join(os.path.dirname(__file__), "planets.csv"),
    )

    @step
    def start(self):
        header, *rows = self.table.strip().splitlines()
        self.columns = header.split(",")
        self.rows = len(rows)
        self.next(self.end)

    @step
    def end(self):
        print(f"{self.rows} rows of {', '.join(self.columns)}")


if __name__ == "__main__":
    Included()
