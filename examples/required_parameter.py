"""A required parameter, and one whose default is computed when the run starts."""

import datetime

from metaflow import FlowSpec, Parameter, step


def today(context):
    """Give the day of the run; the compiler never calls this."""
    return datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat()


class RequiredParameter(FlowSpec):
    """Report on one region for one day."""

    region = Parameter("region", help="no default: the run must name one", required=True)
    day = Parameter("day", help="today, unless given", default=today)

    @step
    def start(self):
        self.title = f"{self.region} on {self.day}"
        self.next(self.end)

    @step
    def end(self):
        print(self.title)


if __name__ == "__main__":
    RequiredParameter()
