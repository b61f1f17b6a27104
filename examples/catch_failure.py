"""`@catch`: a task that fails for good leaves its exception as an artifact, and the run goes on."""

from metaflow import FlowSpec, catch, retry, step


class CatchFailure(FlowSpec):
    """Divide by some numbers, one of which is zero."""

    @step
    def start(self):
        self.divisors = [1, 2, 0, 4]
        self.next(self.divide, foreach="divisors")

    @catch(var="failure")
    @retry(times=1, minutes_between_retries=0)
    @step
    def divide(self):
        self.divisor = self.input
        self.quotient = 12 / self.divisor
        self.next(self.join)

    @step
    def join(self, inputs):
        self.quotients = [i.quotient for i in inputs if not i.failure]
        self.failures = [i.divisor for i in inputs if i.failure]
        self.next(self.end)

    @step
    def end(self):
        print(f"{self.quotients}; failed for {self.failures}")


if __name__ == "__main__":
    CatchFailure()
