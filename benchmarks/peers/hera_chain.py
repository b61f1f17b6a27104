"""A chain of containers with Hera: `python hera_chain.py STEPS` prints the WorkflowTemplate."""

from __future__ import annotations

import sys

from hera.workflows import DAG, Container, Task, WorkflowTemplate


def main() -> None:
    steps = int(sys.argv[1])
    with WorkflowTemplate(name="chain", entrypoint="chain") as workflow:
        templates = [
            Container(name=f"s{i}", image="example.com/flows:1", command=["python3", "step.py", f"s{i}"])
            for i in range(steps)
        ]
        with DAG(name="chain"):
            previous: Task | None = None
            for i, template in enumerate(templates):
                task = Task(name=f"s{i}", template=template)
                if previous is not None:
                    previous >> task
                previous = task
    print(workflow.to_yaml())


if __name__ == "__main__":
    main()
