"""A user's own step decorators: what runs around a step, and where the flow goes."""

from metaflow import (
    USER_SKIP_STEP,
    Config,
    FlowSpec,
    UserStepDecorator,
    config_expr,
    retry,
    step,
    user_step_decorator,
)


@user_step_decorator
def noted(step_name, flow, inputs, attributes):
    flow.notes = [*getattr(flow, "notes", []), f"before {step_name} {sorted(attributes.items())}"]
    yield
    flow.notes = [*flow.notes, f"after {step_name}"]


@user_step_decorator
def skipped(step_name, flow, inputs):
    flow.why = f"skipped {step_name}"
    yield USER_SKIP_STEP


@user_step_decorator
def calmed(step_name, flow, inputs):
    try:
        yield
    except ValueError as error:
        flow.why = str(error)


def another(flow):
    flow.x = "another"
    return True


@user_step_decorator
def replaced(step_name, flow, inputs):
    yield another


class Kept(UserStepDecorator):
    def init(self, name="kept", size=0):
        self.name, self.size = name, size

    def pre_step(self, step_name, flow, inputs=None):
        flow.kept = [self.name, self.size, None if inputs is None else len(list(inputs))]

    def post_step(self, step_name, flow, exception=None):
        flow.kept = [*flow.kept, str(exception)]
        return exception, None


class Translated(UserStepDecorator):
    def post_step(self, step_name, flow, exception=None):
        return KeyError(str(exception)) if exception else None


class Around(FlowSpec):
    config = Config("settings", default_value={"size": 3})

    @noted(b=1, a="x")
    @noted
    @step
    def start(self):
        self.notes = [*self.notes, "ran"]
        self.next(self.a, self.b, self.c, self.d)

    @skipped
    @noted
    @step
    def a(self):
        self.x = "never"
        self.next(self.join)

    @calmed
    @step
    def b(self):
        self.x = "so far"
        raise ValueError("calm down")
        self.next(self.join)

    @replaced
    @step
    def c(self):
        self.x = "never"
        self.next(self.join)

    @retry(times=1, minutes_between_retries=0)
    @Kept(name="d", size=config_expr("settings.size"))
    @step
    def d(self):
        self.x = "d"
        self.next(self.join)

    @Kept
    @step
    def join(self, inputs):
        arms = (inputs.a, inputs.b, inputs.c, inputs.d)
        self.got = [(getattr(i, "x", None), getattr(i, "why", None)) for i in arms]
        self.d_kept = inputs.d.kept
        self.notes = inputs.a.notes
        self.next(self.fails)

    @Translated
    @step
    def fails(self):
        raise ValueError("at last")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    Around()
