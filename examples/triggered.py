"""`@trigger`: a run for each event, whose fields become parameters."""

from metaflow import FlowSpec, Parameter, step, trigger


@trigger(event={"name": "table-updated", "parameters": {"table": "table_name", "rows": "row_count"}})
class Triggered(FlowSpec):
    """Look at a table whenever it changes."""

    table = Parameter("table", help="the table's name", default="sales")
    rows = Parameter("rows", help="rows written", default=0)

    @step
    def start(self):
        self.line = f"{self.table}: {self.rows} rows"
        self.next(self.end)

    @step
    def end(self):
        print(self.line)


if __name__ == "__main__":
    Triggered()
