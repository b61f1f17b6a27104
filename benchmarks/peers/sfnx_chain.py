"""The source of a chain of Batch jobs for sfnx: `python sfnx_chain.py STEPS` prints the module."""

from __future__ import annotations

import sys

HEADER = """\
from sfnx import state_machine, task


@state_machine
def chain(input: dict):
"""

JOB = """\
    s{i}: dict = task("arn:aws:states:::batch:submitJob.sync", {{"JobName": "s{i}", "JobQueue": "q", "JobDefinition": "d"}})
"""


def main() -> None:
    steps = int(sys.argv[1])
    print(HEADER + "".join(JOB.format(i=i) for i in range(steps)) + "    return {}")


if __name__ == "__main__":
    main()
