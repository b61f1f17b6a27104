"""What `current` says of a task, as far as it can be alike."""

# run: --tag first --tag second
from metaflow import FlowSpec, current, project, resources, retry, step


@project(name="shop")
class Knows(FlowSpec):
    def facts(self):
        self.known = {
            name: getattr(current, name, "absent")
            for name in (
                "flow_name",
                "step_name",
                "retry_count",
                "is_running_flow",
                "origin_run_id",
                "username",
                "project_name",
                "branch_name",
                "is_production",
                "is_user_branch",
                "project_flow_name",
                "parameter_names",
                "namespace",
                "tempdir",
                "no_such_fact",
            )
        }
        self.tags_known = sorted(t for t in current.tags)
        self.parts = len(current.pathspec.split("/"))
        self.consistent = current.pathspec == "/".join(
            (current.flow_name, current.run_id, current.step_name, current.task_id)
        )
        self.types = [
            type(getattr(current, n)).__name__
            for n in ("run_id", "task_id", "pathspec", "tags", "retry_count")
        ]
        self.got = (
            current.get("flow_name"),
            current.get("nothing"),
            current.get("nothing", 3),
            "flow_name" in current,
        )
        self.mine = (
            current.run.pathspec == f"{current.flow_name}/{current.run_id}",
            current.task.pathspec == current.pathspec,
        )

    @resources(cpu=1)
    @step
    def start(self):
        self.facts()
        self.xs = [1, 2]
        self.next(self.each, foreach="xs")

    @retry(times=1, minutes_between_retries=0)
    @step
    def each(self):
        self.facts()
        assert current.retry_count
        self.next(self.join)

    @step
    def join(self, inputs):
        self.facts()
        self.next(self.end)

    @step
    def end(self):
        self.facts()


if __name__ == "__main__":
    Knows()
