"""Names that no engine takes as they are: long, alike but for their case, outside ASCII."""

from flowc import FlowSpec, retry, step


class AFlowWhoseNameIsLongerThanAnyObjectOfKubernetesMayBeCalledOrAnyLabelMayHoldAsItsValue(FlowSpec):
    @step
    def start(self):
        self.items = [1, 2]
        self.next(self.Work, foreach="items")

    @step
    def Work(self):
        self.next(self.work)

    @step
    def work(self):
        self.x = self.input
        self.next(self._work_)

    @retry(times=1, minutes_between_retries=0)
    @step
    def _work_(self):
        self.next(self.größe)

    @step
    def größe(self, inputs):
        self.länge = [i.x for i in inputs]
        self.next(self.GRÖSSE)

    @step
    def GRÖSSE(self):
        self.next(
            self.a_step_whose_name_is_so_long_that_no_label_and_no_pod_of_kubernetes_could_ever_carry_it_whole_and_then_some_more
        )

    @retry(times=1, minutes_between_retries=0)
    @step
    def a_step_whose_name_is_so_long_that_no_label_and_no_pod_of_kubernetes_could_ever_carry_it_whole_and_then_some_more(
        self,
    ):
        self.next(self.end)

    @step
    def end(self):
        print(self.länge)


if __name__ == "__main__":
    AFlowWhoseNameIsLongerThanAnyObjectOfKubernetesMayBeCalledOrAnyLabelMayHoldAsItsValue()
