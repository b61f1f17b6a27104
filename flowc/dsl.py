"""The authoring API: what a flow file imports from `flowc`, or from `metaflow`.

Nothing here runs a flow. Decorators only mark what they stand on, so that importing a flow file
costs nothing and needs nothing; the compiler reads the same marks from the source. An instance
of a flow gets its meaning from the task it is bound to (`_flowc_task`), which the runtime sets.

Runs on Python 3.9 with the standard library alone.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Callable, NoReturn, TypeVar

    F = TypeVar("F")

MARKS = "_flowc_marks"  # on a step or a flow: the decorators above it, innermost first
STEP = "_flowc_step"  # on a step: True
INSTANCE_NAMES = ("_flowc_task", "_flowc_lines", "_current_step")  # on an instance: no artifacts

STEP_DECORATORS = (
    "resources", "kubernetes", "batch", "retry", "timeout", "catch", "environment", "secrets",
    "parallel", "card", "pypi", "conda", "fanout", "pytorch_parallel",
    # Names of Metaflow's top level that no flow writes, but that its star import brings.
    "airflow_internal", "argo_workflows_internal", "step_functions_internal", "unbounded_test_foreach_internal",
)  # fmt: skip
FLOW_DECORATORS = (
    "schedule", "project", "trigger", "trigger_on_finish", "exit_hook", "pypi_base", "conda_base",
    "airflow_external_task_sensor", "airflow_s3_key_sensor",
)  # fmt: skip

# What `from flowc import *` gives, as `from metaflow import *` gives it.
EXPORTS = (
    *STEP_DECORATORS, *FLOW_DECORATORS, "Config", "ConfigValue", "FlowSpec", "IncludeFile", "JSONType",
    "JSONTypeClass", "Parameter", "config_expr", "current", "step",
)  # fmt: skip


class MetaflowException(Exception):  # noqa: N818 - Metaflow's name
    """The base of what flowc raises into a flow's own code."""

    headline = "Flow failed"

    def __init__(self, msg: str = "", lineno: int | None = None, source_file: str | None = None) -> None:
        super().__init__(msg)
        self.message = msg
        self.line_no = lineno
        self.source_file = source_file


class InvalidNextException(MetaflowException):
    """A `self.next` call that cannot be a transition."""


class _MergeException(MetaflowException):
    def __init__(self, msg: str, unhandled: Iterable[str] = ()) -> None:
        super().__init__(msg)
        self.artifact_names = list(unhandled)


class UnhandledInMergeArtifactsException(_MergeException):
    """`merge_artifacts` met different values of the artifacts `artifact_names`."""

    headline = "Unhandled artifacts in merge"


class MissingInMergeArtifactsException(_MergeException):
    """`merge_artifacts` was told to include `artifact_names`, which no input has."""

    headline = "Missing artifacts in merge"


def step(
    function: Callable[..., Any] | None = None,
    *,
    start: bool = False,
    end: bool = False,
) -> Any:
    """Mark a method as a step; `start=True` and `end=True` mark the first and the last one."""

    def mark(method: Any) -> Any:
        setattr(method, STEP, True)
        method.is_step = True
        method.is_start_step = start
        method.is_end_step = end
        return method

    return mark if function is None else mark(function)


def _decorator(name: str) -> Callable[..., Any]:
    def decorator(*args: Any, **attributes: Any) -> Any:
        if len(args) == 1 and not attributes and (callable(args[0]) or isinstance(args[0], type)):
            return _mark(args[0], name, {})
        if args:
            raise TypeError(f"@{name} takes its attributes by name")
        return lambda target: _mark(target, name, attributes)

    decorator.__name__ = decorator.__qualname__ = name
    decorator.__doc__ = f"Mark a step or a flow with `@{name}`; see the manual for its attributes."
    return decorator


def _mark(target: F, name: str, attributes: dict[str, Any]) -> F:
    marks = [*getattr(target, MARKS, ()), (name, attributes)]
    setattr(target, MARKS, marks)
    return target


for _name in STEP_DECORATORS + FLOW_DECORATORS:
    globals()[_name] = _decorator(_name)


class JSONTypeClass:
    """The type of a parameter whose value is JSON."""

    name = "JSON"

    def __repr__(self) -> str:
        return "JSON"


JSONType = JSONTypeClass()


class Parameter:
    """A value given to a run. Read-only on the flow's instances, where it is the value itself."""

    def __init__(self, name: str, **options: Any) -> None:
        self.name = name
        self.options = options
        self.attribute = name

    def __set_name__(self, owner: type, attribute: str) -> None:
        self.attribute = attribute

    def __get__(self, flow: Any, owner: type | None = None) -> Any:
        return self if flow is None else flow._flowc_task.parameter(self)  # noqa: SLF001 - the parameter is part of the flow

    def __set__(self, flow: Any, value: Any) -> NoReturn:
        raise AttributeError(f"parameter `{self.attribute}` cannot be assigned")


class IncludeFile(Parameter):
    """A file whose contents travel with the run."""


class Config(Parameter):
    """A configuration, known when the flow is compiled."""

    # In the class's body, where a configuration has no value yet, a part of it is an expression.
    def __getattr__(self, name: str) -> ConfigExpression:
        if name.startswith("__"):
            raise AttributeError(name)
        return ConfigExpression(f"{self.name}.{name}")

    def __getitem__(self, key: Any) -> ConfigExpression:
        return ConfigExpression(f"{self.name}[{key!r}]")


class ConfigValue(dict):  # type: ignore[type-arg]  # its values are any JSON
    """A mapping whose keys are attributes too: `config.model.depth`."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __getitem__(self, key: Any) -> Any:
        return config_value(super().__getitem__(key))

    def get(self, key: Any, default: Any = None) -> Any:
        """The value of `key`, or `default`."""
        return self[key] if key in self else default  # noqa: SIM401 - `dict.get` would give plain dictionaries

    def to_dict(self) -> dict[Any, Any]:
        """A plain copy."""
        return {key: dict.__getitem__(self, key) for key in self}


def config_value(value: Any) -> Any:
    """A part of a configuration as steps see it: a ConfigValue for a mapping."""
    return ConfigValue(value) if isinstance(value, dict) and not isinstance(value, ConfigValue) else value


class ConfigExpression:
    """`config_expr(text)`: an expression over the flow's configurations, used in decorators."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __getattr__(self, name: str) -> ConfigExpression:
        if name.startswith("__"):
            raise AttributeError(name)
        return ConfigExpression(f"({self.text}).{name}")

    def __getitem__(self, key: Any) -> ConfigExpression:
        return ConfigExpression(f"({self.text})[{key!r}]")

    def evaluate(self, configs: dict[str, Any]) -> Any:
        """Its value, given the configurations by name."""
        return eval(self.text, {}, configs)  # noqa: S307 - the flow's own code, in its own container


def config_expr(text: str) -> ConfigExpression:
    """An expression over the flow's configurations for a decorator's attribute."""
    return ConfigExpression(text)


class BoundAlready(BaseException):
    """A task's instance is made: what a flow's own `__init__` does after FlowSpec's happens on no command line."""


class FlowSpec:
    """The base of every flow.

    `FlowX()` at the end of a file hands the command line to flowc: `python flow.py run`.
    """

    _flowc_task: Any = None

    def __init__(self, use_cli: bool = True) -> None:
        if self._flowc_task is not None:
            raise BoundAlready
        if use_cli:
            _run_command_line(type(self))

    @property
    def input(self) -> Any:
        """The item of the innermost foreach around this task; None outside of one."""
        return self._flowc_task.input

    @property
    def index(self) -> int | None:
        """The index of `input` in its foreach; None outside of one."""
        return self._flowc_task.index  # type: ignore[no-any-return]  # the task is the runtime's

    @property
    def script_name(self) -> str:
        """The name of the file that defines the flow, without its folder."""
        file: str | None = getattr(sys.modules.get(type(self).__module__), "__file__", None)
        return (file or "").replace("\\", "/").rpartition("/")[2]

    def foreach_stack(self) -> list[Any]:
        """(index, number of splits, item) of each foreach around this task, outermost first."""
        return self._flowc_task.foreach_stack()  # type: ignore[no-any-return]  # as above

    def next(self, *targets: Any, **options: Any) -> None:
        """Choose what comes after this step."""
        self._flowc_task.next(targets, options)

    def merge_artifacts(
        self,
        inputs: Iterable[Any],
        exclude: list[str] | None = None,
        include: list[str] | None = None,
    ) -> None:
        """Keep, in a join, the artifacts on which all inputs agree."""
        self._flowc_task.merge(inputs, exclude or [], include or [])

    def __getattr__(self, name: str) -> Any:
        task = self.__dict__.get("_flowc_task")
        if task is None or name.startswith("__"):
            raise AttributeError(f"{type(self).__name__} has no attribute `{name}`")
        if name == "name" and not task.has(name):
            return type(self).__name__  # a flow's name, unless a step made an artifact of it
        value = task.artifact(name)
        self.__dict__[name] = value
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and _is_constant(type(self), name):
            raise AttributeError(f"class attribute `{name}` of a flow cannot be changed")
        object.__setattr__(self, name, value)
        lines = self.__dict__.get("_flowc_lines")
        if lines is not None:
            # Should the value not be one that can be stored, the message names the line.
            caller = sys._getframe(1)  # noqa: SLF001 - the only way to it, and a cheap one
            lines[name] = (caller.f_code.co_filename, caller.f_lineno)

    def __iter__(self) -> Any:
        """The steps of the flow."""
        return (getattr(self, name) for name in dir(type(self)) if hasattr(getattr(type(self), name), STEP))


def _is_constant(owner: type, name: str) -> bool:
    for base in owner.__mro__:
        if base is FlowSpec:
            return False
        if name in vars(base):
            value = vars(base)[name]
            return not callable(value) and not hasattr(type(value), "__get__")
    return False


def _run_command_line(flow: type) -> None:
    import os

    caller = sys._getframe(2).f_globals.get("__name__")  # noqa: SLF001 - it asks whether a script makes the flow
    if "__main__" not in (flow.__module__, caller):
        return  # A flow file without the usual guard, imported by a task.
    file = getattr(sys.modules[flow.__module__], "__file__", None)
    if file is None or not os.path.isfile(file):
        sys.exit("flowc: a flow stands in a file: save it, and run `python FILE run`")
    if tuple(sys.version_info) < (3, 11):  # spelt so that a check for Python 3.10 still reads what follows
        sys.exit("flowc: the command line needs Python 3.11 or later (steps run on 3.9 and later)")
    sys.stdout.flush()
    sys.stderr.flush()
    own_folder = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    # A parameter called `flow` takes that option's place; such a file has to have one flow.
    named = any(isinstance(value, Parameter) and value.name == "flow" for value in vars(flow).values())
    name = "" if named else flow.__name__
    arguments = ["-P", "-c", _COMMAND_LINE, own_folder, os.path.abspath(file), name, *sys.argv[1:]]
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - flowc takes this process's place


# Nothing of the working folder can stand in flowc's way; flowc itself may lie beside the flow.
_COMMAND_LINE = (
    "import sys; sys.path.append(sys.argv.pop(1)); from flowc.cli.script import main; sys.exit(main())"
)


_WHY_NOT = {
    "graph": "; a run is told its graph where the file of the flow, or of one of its steps, says `current.graph`"
}


class Current:
    """What a running task knows of itself: `current.run_id`, `current.step_name`, …."""

    def __init__(self) -> None:
        self._facts: dict[str, Any] = {}
        self._later: dict[str, Callable[[], Any]] = {}  # what makes a fact, when it is first asked for
        # A function that gives both, and what it is given: most steps ask for none.
        self._source: tuple[Any, ...] = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self:
            raise AttributeError(f"`current.{name}` is not available here{_WHY_NOT.get(name, '')}")
        if name not in self._facts:
            self._facts[name] = self._later[name]()
        return self._facts[name]

    def __contains__(self, name: str) -> bool:
        if self._source:
            (make, *given), self._source = self._source, ()
            self._facts, self._later = make(*given)
        return name in self._facts or name in self._later

    def get(self, name: str, default: Any = None) -> Any:
        """The fact `name`, or `default`."""
        return getattr(self, name) if name in self else default

    @property
    def is_running_flow(self) -> bool:
        """Whether a step is running in this process."""
        return bool(self._facts or self._source)


current = Current()
