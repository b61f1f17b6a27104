"""A user's own step decorators around a step: what runs, in which order, and where the flow goes."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from flowc import dsl
from flowc.dsl import FlowSpec, MetaflowException, step
from flowc.runtime.user_decorators import (
    USER_SKIP_STEP,
    FlowMutator,
    StepMutator,
    UserStepDecorator,
    user_step_decorator,
)

SAID: list[str] = []


class Task:
    """As much of a bound task as `self.next` needs."""

    def __init__(self, static_next: tuple[str, ...]) -> None:
        self.static_next = static_next
        self.transition: dict[str, Any] | None = None

    def next(self, targets: tuple[Any, ...], options: dict[str, Any]) -> None:
        self.transition = {"targets": [target.__name__ for target in targets]}
        if options:
            self.transition["splits"] = 3


class say(UserStepDecorator):  # noqa: N801 - as flows name decorators
    def init(self, name: str = "say") -> None:
        self.name = name

    def pre_step(self, step_name: str, flow: Any, inputs: Any = None) -> Any:  # noqa: ANN401 - as Metaflow has it
        SAID.append(f"{self.name} before {step_name}{' ' + str(inputs) if inputs else ''}")
        return super().pre_step(step_name, flow, inputs)

    def post_step(self, step_name: str, flow: Any, exception: Exception | None = None) -> Any:  # noqa: ANN401
        SAID.append(f"{self.name} after{f' {exception}' if exception else ''}")
        return super().post_step(step_name, flow, exception)


@user_step_decorator
def calm(_step_name: str, _flow: Any, _inputs: Any) -> Any:  # noqa: ANN401
    try:
        yield
    except ValueError as error:
        SAID.append(f"calmed {error}")


@user_step_decorator
def wish(_step_name: str, _flow: Any, _inputs: Any, attributes: dict[str, Any]) -> Any:  # noqa: ANN401
    yield attributes["for"] if "for" in attributes else attributes["call"]


class Swallow(UserStepDecorator):
    def post_step(self, _step_name: str, _flow: Any, exception: Exception | None = None) -> Any:  # noqa: ANN401
        return None if exception else (None, {"foreach": "xs"})


class Translate(UserStepDecorator):
    def post_step(self, _step_name: str, _flow: Any, exception: Exception | None = None) -> Any:  # noqa: ANN401
        return KeyError("translated") if exception else None


class Broken(UserStepDecorator):
    def post_step(self, _step_name: str, _flow: Any, exception: Exception | None = None) -> Any:  # noqa: ANN401, ARG002
        return 3


class Skip(UserStepDecorator):
    def pre_step(self, _step_name: str, _flow: Any, _inputs: Any = None) -> None:  # noqa: ANN401
        self.skip_step = True


def replaced(flow: Any) -> bool:  # noqa: ANN401
    SAID.append("replaced")
    flow.x = 2
    return True


def goes_elsewhere(flow: Any) -> None:  # noqa: ANN401
    flow.next(flow.start)


def splits(flow: Any) -> None:  # noqa: ANN401
    flow.next(flow.end, foreach="xs")


class Flow(FlowSpec):
    config = dsl.Config("settings", default_value={"name": "c"})

    @step
    def start(self) -> None:
        pass

    @say(name="outer")
    @say
    @step
    def plain(self) -> None:
        SAID.append("ran")
        self.next(self.end)

    @say
    @calm
    @step
    def raises(self) -> None:
        raise ValueError("no")

    @Translate
    @say
    @step
    def translated(self) -> None:
        raise ValueError("no")

    @Swallow
    @step
    def swallowed(self) -> None:
        raise ValueError("no")

    @Swallow
    @step
    def asks(self) -> None:
        self.next(self.end)

    @say
    @Skip
    @say(name="inner")
    @step
    def skipped(self) -> None:
        SAID.append("ran")

    @wish(**{"for": USER_SKIP_STEP})  # type: ignore[untyped-decorator]  # its attributes come first
    @step
    def skipped_by_wish(self) -> None:
        SAID.append("ran")

    @wish(call=replaced)  # type: ignore[untyped-decorator]  # its attributes come first
    @step
    def other(self) -> None:
        SAID.append("ran")

    @wish(call=goes_elsewhere)  # type: ignore[untyped-decorator]  # its attributes come first
    @step
    def astray(self) -> None:
        pass

    @wish(call=splits)  # type: ignore[untyped-decorator]  # its attributes come first
    @step
    def splitting(self) -> None:
        pass

    @Broken
    @step
    def broken(self) -> None:
        self.next(self.end)

    @say(name=dsl.config_expr("settings['name']"))
    @step
    def join(self, inputs: Any) -> None:  # noqa: ANN401
        SAID.append(f"ran {inputs}")
        self.next(self.end)

    @Skip
    @step
    def end(self) -> None:
        SAID.append("ran")


def call(
    name: str, *inputs: object, static: tuple[str, ...] = ("end",)
) -> tuple[list[str], list[str] | None]:
    """What was said, and where the step goes."""
    SAID.clear()
    task = Task(static)
    flow: Any = object.__new__(Flow)
    flow.__dict__["_flowc_task"] = task
    task.parameter = lambda _: {"name": "c"}  # type: ignore[attr-defined]
    getattr(flow, name)(*inputs)
    return list(SAID), None if task.transition is None else task.transition["targets"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("plain", ["outer before plain", "say before plain", "ran", "say after", "outer after"]),
        ("raises", ["say before raises", "calmed no", "say after"]),
        ("swallowed", []),
        ("skipped", ["say before skipped", "say after"]),
        ("skipped_by_wish", []),
        ("other", ["replaced"]),
    ],
)
def test_a_step_goes_where_it_was_compiled_to_go(name: str, said: list[str]) -> None:
    assert call(name) == (said, ["end"])


def test_a_join_gives_its_inputs_and_a_config_is_known() -> None:
    assert call("join", "inputs") == (["c before join inputs", "ran inputs", "c after"], ["end"])


def test_the_last_step_goes_nowhere() -> None:
    assert call("end", static=()) == ([], None)


@pytest.mark.parametrize(
    ("name", "static", "expected"),
    [
        ("skipped", (), "@Skip keeps step `skipped` from its self.next, and where that goes depends on"),
        ("asks", ("end",), "@Swallow passes arguments to self.next of step `asks`"),
        (
            "astray",
            ("end",),
            "@wish replaces step `astray` and goes on otherwise; the compiled flow goes to `end`",
        ),
        ("splitting", ("end",), "@wish replaces step `splitting` and goes on otherwise"),
        ("broken", ("end",), "`post_step` of @Broken returned 3; it returns None, an exception, or"),
    ],
)
def test_another_way_is_refused(name: str, static: tuple[str, ...], expected: str) -> None:
    with pytest.raises(MetaflowException) as caught:
        call(name, static=static)
    assert expected in str(caught.value)


def test_an_exception_may_be_another_one() -> None:
    with pytest.raises(KeyError, match="translated"):
        call("translated")
    assert SAID == ["say before translated", "say after no"]


def generator(_a: Any, _b: Any, _c: Any) -> Any:  # noqa: ANN401
    if len(SAID) > 1000:
        yield


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (partial(user_step_decorator, call), "is for generator functions"),
        (partial(user_step_decorator(generator)(x=1)(Flow.start), object()), "has no fourth argument"),
        (lambda: user_step_decorator()(generator)()(Flow.start)(object()), "@generator did not yield"),
        (partial(Skip, x=1), "has no method `init` to take them"),
        (partial(Skip, "x"), "takes its attributes by name"),
        (partial(Skip(), call), "it stands above @step"),
        (FlowMutator, "the mutator `FlowMutator` would change the flow when it is loaded"),
        (partial(StepMutator, 1, a=2), "the mutator `StepMutator` would change"),
    ],
)
def test_what_is_wrong_with_a_decorator_is_said(make: Any, expected: str) -> None:  # noqa: ANN401
    with pytest.raises(MetaflowException) as caught:
        make()
    assert expected in str(caught.value)
