"""`@retry`: a step that fails is tried again; `current.retry_count` tells which attempt this is."""

from metaflow import FlowSpec, current, retry, step


class RetryStep(FlowSpec):
    """Fetch from a source that answers at the third call."""

    @retry(times=3, minutes_between_retries=0)
    @step
    def start(self):
        if current.retry_count < 2:
            raise ConnectionError(f"attempt {current.retry_count}: no answer")
        self.answer = "at last"
        self.next(self.end)

    @step
    def end(self):
        print(self.answer)


if __name__ == "__main__":
    RetryStep()
