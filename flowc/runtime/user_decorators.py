"""A user's own step decorators, which run around a step's method inside its task.

What a decorator may do here is what cannot change the compiled flow: run code before and after the
method, see its exception, read and assign artifacts. One that wants to skip or replace the method,
and every mutator, would make another flow than the compiled one: it is refused by name when the
flow file is loaded or the step runs, never passed over.
"""

from __future__ import annotations

import functools
import inspect

from flowc.dsl import MetaflowException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    Method = Callable[..., Any]


USER_SKIP_STEP: dict[str, Any] = {}  # a generator that yields it wants the step skipped


class UserStepDecorator:
    """The base of decorators with `pre_step(step_name, flow, inputs)` and `post_step(step_name, flow, exception)`."""

    def __init__(self, *args: Any, **attributes: Any) -> None:
        self.init(*args, **attributes)

    def __new__(cls, *args: Any, **attributes: Any) -> Any:
        """`@Deco` above a step gives the wrapped step at once, `@Deco(…)` what will wrap it."""
        made = object.__new__(cls)
        if len(args) == 1 and not attributes and inspect.isfunction(args[0]):
            made.init()  # Python initialises only an instance that is returned
            return made(args[0])
        return made

    def init(self, *args: Any, **attributes: Any) -> None:
        """Take the decorator's arguments."""

    def pre_step(self, step_name: str, flow: Any, inputs: Any) -> Any:
        """Run before the method."""

    def post_step(self, step_name: str, flow: Any, exception: Exception | None = None) -> Any:  # noqa: ARG002 - a hook
        """Run after it; an exception that is not returned or raised is swallowed."""
        return exception

    def __call__(self, method: Method) -> Method:
        """The method with this decorator around it."""
        return _wrapped(method, type(self).__name__, self.pre_step, self.post_step)


def user_step_decorator(function: Method) -> Method:
    """Make a step decorator of a generator `function(step_name, flow, inputs[, attributes])` that yields once."""
    takes_attributes = len(inspect.signature(function).parameters) > 3

    def decorator(*args: Any, **attributes: Any) -> Any:
        if len(args) == 1 and not attributes and inspect.isfunction(args[0]):
            return decorate(args[0], {})
        if args:
            raise MetaflowException(f"@{function.__name__} takes its attributes by name")
        return lambda method: decorate(method, attributes)

    def decorate(method: Method, attributes: dict[str, Any]) -> Method:
        running: list[Any] = []

        def before(step_name: str, flow: Any, inputs: Any) -> Any:
            extra = (attributes,) if takes_attributes else ()
            running[:] = [function(step_name, flow, inputs, *extra)]
            return next(running[0])

        def after(_step_name: str, _flow: Any, exception: Exception | None) -> Exception | None:
            try:
                running[0].throw(exception) if exception else next(running[0])
            except StopIteration:
                return None
            raise MetaflowException(f"@{function.__name__} may yield only once")

        return _wrapped(method, function.__name__, before, after)

    return decorator


def _wrapped(method: Method, name: str, before: Method, after: Method) -> Method:
    @functools.wraps(method)
    def around(flow: Any, *inputs: Any) -> None:
        wish = before(method.__name__, flow, inputs[0] if inputs else None)
        if wish is not None:
            raise MetaflowException(
                f"@{name} wants to skip or replace step `{method.__name__}`; a compiled flow runs it as it is"
            )
        raised: Exception | None = None
        try:
            method(flow, *inputs)
        except Exception as error:
            raised = error
        verdict = after(method.__name__, flow, raised)
        if isinstance(verdict, Exception):
            raise verdict

    return around


class _Mutator:
    """What is common to mutators: they are refused."""

    def __init__(self, *_args: Any, **_attributes: Any) -> None:
        _refuse(type(self))


class StepMutator(_Mutator):
    """The base of a user's own changes to steps."""


class FlowMutator(_Mutator):
    """The base of a user's own changes to flows."""


def _refuse(mutator: type) -> NoReturn:
    raise MetaflowException(
        f"the mutator `{mutator.__name__}` would change the flow when it is loaded, after it was compiled; "
        "write what it does into the flow itself"
    )
