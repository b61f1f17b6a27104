"""What tasks print: without an end of line, in any script, past Python, much of it."""

import os
import sys

from metaflow import FlowSpec, step


class Output(FlowSpec):
    @step
    def start(self):
        print("no end of line", end="")
        self.next(self.odd)

    @step
    def odd(self):
        print("naïve \N{SNOWMAN} \U0001f600 \u2028 \x85 tab\t.")
        print("a\n\n\nb")
        sys.stdout.flush()
        os.write(1, b"written past Python \xff\n")
        os.system("echo from a shell")
        self.next(self.much)

    @step
    def much(self):
        for i in range(3000):
            print(i, "x" * 100)
        self.next(self.end)

    @step
    def end(self):
        print("", end="")


if __name__ == "__main__":
    Output()
