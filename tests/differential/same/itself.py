"""What `current.graph` says of the flow, but for the defaults of decorators and what follows a switch."""

from metaflow import FlowSpec, IncludeFile, Parameter, current, parallel, project, resources, retry, step

SAME = "name type line doc next node_info foreach_artifact num_parallel condition switch_cases matching_join".split()


@project(name="shop")
class Itself(FlowSpec):
    """A flow that knows itself.

    And tells.
    """

    alpha = Parameter("alpha", default=0.1)
    poem = IncludeFile("poem", default=None)

    def tell(self):
        graph = current.graph
        self.steps_told = {
            name: {word: told.get(word, "absent") for word in SAME}
            for name, told in sorted(graph["steps"].items())
        }
        self.decorators_told = {
            name: {deco["name"]: deco["attributes"].get("times") for deco in told["decorators"]}
            for name, told in sorted(graph["steps"].items())
        }
        self.flow_told = {
            word: graph[word] for word in ("file", "doc", "start_step", "end_step", "parameters", "constants")
        }
        structure = graph["graph_structure"]
        self.structure_told = structure[: structure.index("choose") + 1]
        self.flow_decorators_told = [deco["name"] for deco in graph["decorators"]]

    @retry(times=2, minutes_between_retries=0)
    @step
    def start(self):
        """Begin."""
        self.tell()
        self.next(self.left, self.right)

    @step
    def left(self):
        """Fan
        out.
        """
        self.xs = [1, 2]
        self.next(self.each, foreach="xs")

    @resources(cpu=1)
    @step
    def each(self):
        self.next(self.fold)

    @step
    def fold(self, inputs):
        self.next(self.join)

    @step
    def right(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.merge_artifacts(inputs, include=["structure_told"])
        self.next(self.choose)

    @step
    def choose(self):
        self.kind = "x"
        self.next({"x": self.some, "y": self.other}, condition="kind")

    @step
    def some(self):
        self.next(self.meet)

    @step
    def other(self):
        self.next(self.meet)

    @step
    def meet(self):
        self.next(self.gang, num_parallel=2)

    @parallel
    @step
    def gang(self):
        self.next(self.after)

    @step
    def after(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        self.tell()


if __name__ == "__main__":
    Itself()
