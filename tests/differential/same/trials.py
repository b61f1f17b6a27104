"""Attempts: @retry, @catch and @timeout, alone and together."""

# differs: slow.fault slow.before join.seen end.seen
import time

from metaflow import FlowSpec, catch, current, retry, step, timeout


class Odd(Exception):
    def __init__(self, a, b):
        super().__init__(f"{a} & {b}")
        self.a = a


class Trials(FlowSpec):
    @step
    def start(self):
        self.kept = [1]
        self.next(
            self.flaky, self.caught, self.silent, self.tried, self.slow, self.fine, self.odd, self.grouped
        )

    @retry(times=3, minutes_between_retries=0)
    @step
    def flaky(self):
        self.attempt = current.retry_count
        self.kept.append(current.retry_count)
        if current.retry_count < 2:
            setattr(self, f"only_{current.retry_count}", 1)
            raise RuntimeError("again")
        self.next(self.join)

    @catch(var="fault", print_exception=False)
    @step
    def caught(self):
        self.before = 1
        self.kept.append(2)
        {}["key"]
        self.after = 1
        self.next(self.join)

    @catch
    @step
    def silent(self):
        self.before = 2
        raise ValueError("naïve \N{SNOWMAN}")
        self.next(self.join)

    @catch(var="fault")
    @retry(times=1, minutes_between_retries=0)
    @step
    def tried(self):
        self.attempt = current.retry_count
        assert False, "never well"
        self.next(self.join)

    @catch(var="fault")
    @timeout(seconds=1)
    @step
    def slow(self):
        self.before = 3
        time.sleep(30)
        self.next(self.join)

    @catch(var="fault")
    @step
    def fine(self):
        self.before = 4
        self.next(self.join)

    @catch(var="fault")
    @step
    def odd(self):
        try:
            1 / 0
        except ZeroDivisionError as error:
            raise Odd("a", "b") from error
        self.next(self.join)

    @catch(var="fault")
    @step
    def grouped(self):
        raise ExceptionGroup("several", [LookupError("a"), Odd(1, 2)])
        self.next(self.join)

    @step
    def join(self, inputs):
        self.seen = sorted(
            (
                i._current_step,
                [(n, getattr(i, n)) for n in ("before", "after", "attempt", "kept") if hasattr(i, n)],
            )
            for i in inputs
        )
        self.truths = [
            bool(getattr(inputs, n).fault) for n in ("caught", "tried", "slow", "fine", "odd", "grouped")
        ]
        fault = inputs.caught.fault
        self.fault_words = (str(fault.exception), str(fault.type), fault.stacktrace.splitlines()[-1])
        self.fault_text = str(fault).splitlines()[-1]
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Trials()
