"""A user's own step decorators, which run around a step's method inside its task.

As in Metaflow they run code before and after the method, see its exception, read and assign
artifacts, skip the method or put another one in its place. What they may not do is change where the
flow goes next, since the manifest has fixed that: it is refused by name, and so is every mutator,
which would make another flow than the compiled one.
"""

from __future__ import annotations

import functools
from types import FunctionType, GeneratorType

from flowc.dsl import STEP, Config, ConfigExpression, InvalidNextException, MetaflowException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

    Method = Callable[..., Any]

USER_SKIP_STEP: dict[str, Any] = {}  # a generator that yields it wants the step skipped
_GENERATOR = 0x20  # the flag of a generator's code
_STACK, _METHOD = (
    "_flowc_decorators",
    "_flowc_method",
)  # on a decorated method: innermost first, and what is inside


class UserStepDecorator:
    """The base of decorators with `init(**attributes)`, `pre_step` and `post_step`.

    Before the method `pre_step` may set `skip_step`, or return what is called in its place.
    """

    skip_step: Any = False
    _attributes: dict[str, Any] = {}  # noqa: RUF012 - replaced, never changed

    def __new__(cls, *args: Any, **attributes: Any) -> Any:
        """`@Deco` above a step gives the decorated step at once, `@Deco(…)` what will decorate it."""
        made = object.__new__(cls)
        if len(args) == 1 and not attributes and _is_step(args[0]):
            return made(args[0])
        if args:
            raise MetaflowException(f"@{cls.__name__} takes its attributes by name")
        if attributes and cls.init is UserStepDecorator.init:
            raise MetaflowException(
                f"@{cls.__name__} is given attributes, but has no method `init` to take them"
            )
        made._attributes = attributes
        return made

    def __init__(self, *args: Any, **attributes: Any) -> None:
        """Taken by `__new__`; `init` is the subclass's."""

    def init(self, *args: Any, **attributes: Any) -> None:
        """Take the decorator's attributes, once their values are known."""

    def pre_step(self, step_name: str, flow: Any, inputs: Any = None) -> Any:
        """Run before the method."""

    def post_step(self, step_name: str, flow: Any, exception: Exception | None = None) -> Any:  # noqa: ARG002 - a hook
        """Run after it; an exception that is not returned or raised is swallowed."""
        return exception, None

    def __call__(self, method: Method) -> Method:
        """The step with this decorator around it."""
        if not _is_step(method):
            raise MetaflowException(f"@{type(self).__name__} is for steps; it stands above @step")
        return _decorated(method, self)


def user_step_decorator(*functions: Method, **_attributes: Any) -> Method:
    """Make a step decorator of a generator `function(step_name, flow, inputs[, attributes])` that yields once."""
    return _of_generator(functions[0]) if functions else _of_generator


def _of_generator(function: Any) -> type[UserStepDecorator]:
    if not isinstance(function, FunctionType) or not function.__code__.co_flags & _GENERATOR:
        raise MetaflowException(
            "@user_step_decorator is for generator functions: one that yields where the step runs"
        )
    count = function.__code__.co_argcount
    if count not in (3, 4):
        raise MetaflowException(
            f"`{function.__name__}` takes {count} arguments; a step decorator takes step_name, flow, inputs "
            "and, if it has any, attributes"
        )

    class Generated(UserStepDecorator):
        _running: GeneratorType[Any, Any, Any]

        def init(self, *_args: Any, **attributes: Any) -> None:
            if attributes and count == 3:
                raise MetaflowException(
                    f"@{function.__name__} is given attributes, but has no fourth argument"
                )
            self._given = (attributes,) if count == 4 else ()

        def pre_step(self, step_name: str, flow: Any, inputs: Any = None) -> Any:
            self._running = function(step_name, flow, inputs, *self._given)
            try:
                wish = next(self._running)
            except StopIteration:
                raise MetaflowException(f"@{function.__name__} did not yield") from None
            if not isinstance(wish, dict):
                return wish
            self.skip_step = wish or True
            return None

        def post_step(self, _step_name: str, _flow: Any, exception: Exception | None = None) -> Any:
            try:
                self._running.throw(exception) if exception else next(self._running)
            except StopIteration as end:
                return end.value
            raise MetaflowException(f"@{function.__name__} may yield only once")

    Generated.__name__ = Generated.__qualname__ = function.__name__
    return Generated


# --------------------------------------------------------------------------- around a step
def _is_step(thing: Any) -> bool:
    return isinstance(thing, FunctionType) and hasattr(thing, STEP)


def _decorated(method: Any, decorator: UserStepDecorator) -> Method:
    """One function for all decorators of a step, so that they run as in Metaflow: see `_run`."""
    inside = getattr(method, _METHOD, method)
    stack = (*getattr(method, _STACK, ()), decorator)

    @functools.wraps(method)
    def around(flow: Any, *inputs: Any) -> None:
        _run(inside, stack, flow, inputs)

    around.__dict__.update({_METHOD: inside, _STACK: stack})
    return around


def _run(method: Method, stack: tuple[UserStepDecorator, ...], flow: Any, inputs: tuple[Any, ...]) -> None:
    """Call `pre_step` from the outside in, the method, and `post_step` from the inside out.

    One that skips or replaces the method does so for all inside of it, too.
    """
    step = method.__name__
    begun: list[UserStepDecorator] = []
    instead = wish = None
    for decorator in reversed(stack):
        decorator.init(**{name: _known(value, flow) for name, value in decorator._attributes.items()})
        instead = decorator.pre_step(step, flow, *(inputs or (None,)))
        begun.append(decorator)
        wish = decorator.skip_step or None
        if wish or instead:
            break
    raised: Exception | None = None
    try:
        if wish is None:
            answer = (instead or method)(flow, *inputs)
            wish = answer if instead else None
    except Exception as error:
        raised = error
    swallowed = raised
    for decorator in reversed(begun):
        raised, wish = _verdict(decorator, step, flow, raised, wish)
    if raised is not None:
        raise raised from (swallowed if raised is not swallowed else raised.__cause__)
    who = type(begun[-1]).__name__
    if swallowed is not None or (wish is not None and wish is not False):
        _go_on(flow, step, who, wish)
    elif instead:
        _check_transition(flow, step, who)


def _verdict(
    decorator: UserStepDecorator, step: str, flow: Any, raised: Exception | None, wish: Any
) -> tuple[Exception | None, Any]:
    """(exception, arguments of self.next) after a decorator's `post_step`."""
    try:
        said = decorator.post_step(step, flow, raised)
    except Exception as error:
        return error, wish
    if said is None or isinstance(said, Exception):
        return said, wish
    if isinstance(said, tuple) and len(said) == 2:
        return said[0], wish if said[1] is None else said[1]
    return MetaflowException(
        f"`post_step` of @{type(decorator).__name__} returned {said!r}; "
        "it returns None, an exception, or (exception, arguments of self.next)"
    ), wish


def _known(value: Any, flow: Any) -> Any:
    """An attribute's value; one that is made of configurations is evaluated."""
    if isinstance(value, Config):
        return getattr(flow, value.attribute)
    if not isinstance(value, ConfigExpression):
        return value
    configs = {}
    for base in reversed(type(flow).__mro__):
        for name, config in vars(base).items():
            if isinstance(config, Config):
                configs[config.name] = configs[name] = getattr(flow, name)
    return value.evaluate(configs)


# --------------------------------------------------------------------------- the transition
def _go_on(flow: Any, step: str, who: str, wish: Any) -> None:
    """Make the step's own transition for a method that did not come to it."""
    if isinstance(wish, dict) and wish:
        raise MetaflowException(
            f"@{who} passes arguments to self.next of step `{step}`; a compiled flow goes where the step itself says"
        )
    task = flow._flowc_task
    if task.transition is not None and wish is None:
        return  # the method had got that far when it raised
    task.transition = None
    targets = _static_targets(flow, step, who)
    if targets:
        flow.next(*(getattr(flow, target) for target in targets))


def _check_transition(flow: Any, step: str, who: str) -> None:
    """Refuse another transition than the compiled one, from a function that took the method's place."""
    targets = _static_targets(flow, step, who)
    chosen = flow._flowc_task.transition
    if (list(chosen["targets"]) if chosen else []) != list(targets) or (chosen and "splits" in chosen):
        raise InvalidNextException(
            f"@{who} replaces step `{step}` and goes on otherwise; the compiled flow goes to "
            + (", ".join(f"`{target}`" for target in targets) or "no step")
        )


def _static_targets(flow: Any, step: str, who: str) -> tuple[str, ...]:
    method = getattr(type(flow), step)
    if step == "end" or getattr(method, "is_end_step", False):
        return ()
    targets: tuple[str, ...] = flow._flowc_task.static_next
    if not targets:
        raise MetaflowException(
            f"@{who} keeps step `{step}` from its self.next, and where that goes depends on the step's own values; "
            "let the step run, or raise"
        )
    return targets


# --------------------------------------------------------------------------- mutators
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
