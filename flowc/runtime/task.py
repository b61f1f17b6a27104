"""What `self` and `inputs` mean inside a step.

A `BoundTask` stands behind a flow's instance (`dsl.FlowSpec` asks it): it loads artifacts when
they are first read, notes the transition that `self.next` chose, and knows the foreach around it.
"""

from __future__ import annotations

from flowc import contract, dsl
from flowc.runtime.artifacts import load_artifact, load_item

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from flowc.runtime.records import Record
    from flowc.runtime.store import Store


class FinalFault(Exception):
    """A fault that no retry can mend: a limit was exceeded, or the transition cannot be made.

    `count` is the number of items, where that is the fault, and `key` that of the transition.
    """

    def __init__(self, message: str, count: int | None = None, key: str | None = None) -> None:
        super().__init__(message)
        self.count = count
        self.key = key


class ForeignRun(FinalFault):
    """The run's folder belongs to another run: nothing in it may be written."""


class BoundTask:
    """One task's view of its inputs: `entries` are the artifacts it starts with."""

    def __init__(
        self,
        *,
        store: Store,
        flow_class: type,
        step: str,
        entries: dict[str, Any],
        parameters: dict[str, Any],
        stack: list[dict[str, Any]],
        is_join: bool,
    ) -> None:
        self.store = store
        self.flow_class = flow_class
        self.step = step
        self.entries = entries
        self.parameters = parameters
        self.stack = stack
        self.is_join = is_join
        self.transition: dict[str, Any] | None = None
        self.static_next: tuple[str, ...] = ()  # where the step goes, whatever it does; () where that depends
        self.items: list[Any] | None = None
        self._values: dict[str, Any] = {}
        self._owner: Any = None  # the instance, once there is one

    # ------------------------------------------------------------------ what the flow's code reads
    def bind(self) -> Any:
        """An instance of the flow that reads from this task, which transitions read from in turn."""
        flow: Any = object.__new__(self.flow_class)
        flow.__dict__["_flowc_task"] = self
        flow.__dict__["_flowc_lines"] = {}  # (file, line) of each attribute's last assignment
        flow.__dict__["_current_step"] = self.step
        self._owner = flow
        return flow

    def construct(self, flow: Any) -> None:
        """Call a flow's own `__init__`, as each task of Metaflow does."""
        made_by: Any = self.flow_class
        if made_by.__init__ is not dsl.FlowSpec.__init__:
            try:
                made_by.__init__(flow)
            except dsl.BoundAlready:
                return

    def has(self, name: str) -> bool:
        """Whether an earlier task left such an artifact."""
        return name in self.entries

    def artifact(self, name: str) -> Any:
        """The value of an artifact that an earlier task left. Raises AttributeError."""
        if name not in self.entries:
            raise AttributeError(
                f"{self.flow_class.__name__} has no attribute `{name}`: no step before `{self.step}` leaves such an artifact"
            )
        return load_artifact(self.store, self.entries[name], name)

    def parameter(self, parameter: dsl.Parameter) -> Any:
        """The run's value of a parameter."""
        name = parameter.attribute
        if name not in self._values:
            if name not in self.parameters:
                raise AttributeError(f"parameter `{name}` has no value in this run")
            value = load_artifact(self.store, self.parameters[name], name)
            self._values[name] = dsl.config_value(value) if isinstance(parameter, dsl.Config) else value
        return self._values[name]

    def give(self, values: dict[str, Any]) -> None:
        """The values of parameters, by attribute, that the run's description lacks."""
        self._values.update(values)

    @property
    def input(self) -> Any:
        """The item of the innermost foreach; None outside of one."""
        return self._item(self.stack[-1]) if self.stack else None

    @property
    def index(self) -> int | None:
        """The index of that item."""
        return self.stack[-1]["index"] if self.stack else None

    def foreach_stack(self) -> list[tuple[int, int, Any]]:
        """(index, count, item) of each foreach around the task, outermost first."""
        return [(frame["index"], frame["count"], self._item(frame)) for frame in self.stack]

    def _item(self, frame: dict[str, Any]) -> Any:
        if frame.get("items") is None:
            return frame["index"]  # a gang has ranks instead of items
        key = "{}#{}".format(frame["items"]["object"], frame["index"])
        if key not in self._values:
            self._values[key] = load_item(self.store, frame["items"], frame["index"])
        return self._values[key]

    # ------------------------------------------------------------------ what the flow's code decides
    def next(self, targets: tuple[Any, ...], options: dict[str, Any]) -> None:
        """`self.next(…)`: note the transition. Raises InvalidNextException, FinalFault."""
        if self.transition is not None:
            raise dsl.InvalidNextException(f"step `{self.step}` calls self.next more than once")
        unknown = set(options) - {"foreach", "num_parallel", "condition"}
        if unknown:
            raise dsl.InvalidNextException(f"self.next has no keyword `{min(unknown)}`")
        self.transition = self._transition(targets, options)

    def _transition(self, targets: tuple[Any, ...], options: dict[str, Any]) -> dict[str, Any]:
        if options.get("condition") is not None:
            target = self._switch(targets, options["condition"])
            return {"targets": [target], "next": contract.goto_key(target)}
        names = [self._target(target) for target in targets]
        if not names:
            raise dsl.InvalidNextException(f"self.next in step `{self.step}` names no step")
        if options.get("num_parallel") is not None:
            size = int(options["num_parallel"])
            if size < 1:
                raise FinalFault(f"num_parallel in `{self.step}` is {size}; it must be at least 1")
            return {"targets": names, "next": contract.gang_key(names[0]), "splits": size}
        if options.get("foreach") is not None:
            self.items = self._iterate(options["foreach"])
            return {"targets": names, "next": contract.foreach_key(names[0]), "splits": len(self.items)}
        if len(names) > 1:
            return {"targets": names, "next": contract.fork_key(tuple(names))}
        return {"targets": names, "next": contract.goto_key(names[0])}

    def _switch(self, targets: tuple[Any, ...], condition: str) -> str:
        if len(targets) != 1 or not isinstance(targets[0], dict) or not targets[0]:
            raise dsl.InvalidNextException("a switch takes one table of cases")
        value = getattr(self._owner, condition)
        if value not in targets[0]:
            raise FinalFault(
                "switch in `{}`: `self.{}` is {!r}, which is none of {}".format(
                    self.step, condition, value, ", ".join(repr(key) for key in targets[0])
                )
            )
        return self._target(targets[0][value])

    def _iterate(self, name: str) -> list[Any]:
        try:
            return list(getattr(self._owner, name))
        except TypeError as error:
            raise dsl.InvalidNextException(
                f"foreach in `{self.step}`: `self.{name}` cannot be iterated over ({error})"
            ) from error

    def _target(self, target: Any) -> str:
        name = getattr(target, "__name__", None)
        if name is None or not hasattr(target, dsl.STEP):
            raise dsl.InvalidNextException(f"self.next in `{self.step}`: {target!r} is no step")
        return str(name)

    def merge(self, inputs: Iterable[Any], exclude: list[str], include: list[str]) -> None:
        """`merge_artifacts`: keep what all inputs agree on, without loading it."""
        if not self.is_join:
            raise dsl.MetaflowException(f"merge_artifacts is for joins; `{self.step}` is none")
        if include and exclude:
            raise dsl.MetaflowException("merge_artifacts takes `include` or `exclude`, not both")
        merged, unresolved = self._agreed(inputs, exclude, include)
        missing = [name for name in include if name not in merged and not self._has(name)]
        if unresolved:
            raise dsl.UnhandledInMergeArtifactsException(
                "the inputs of `{}` have different values of: {}. Assign them before merge_artifacts, "
                "or leave them out with `exclude`".format(self.step, ", ".join(sorted(unresolved))),
                unresolved,
            )
        if missing:
            raise dsl.MissingInMergeArtifactsException("no input has: {}".format(", ".join(missing)), missing)
        self.entries.update(merged)

    def _agreed(
        self, inputs: Iterable[Any], exclude: list[str], include: list[str]
    ) -> tuple[dict[str, Any], list[str]]:
        merged: dict[str, Any] = {}
        unresolved: list[str] = []
        for flow in inputs:
            for name, entry in flow._flowc_task.entries.items():
                if name in exclude or (include and name not in include) or self._has(name):
                    continue
                first = merged.setdefault(name, entry)
                if first["digest"] != entry["digest"] and name not in unresolved:
                    unresolved.append(name)
        return merged, unresolved

    def _has(self, name: str) -> bool:
        return name in self._owner.__dict__ or hasattr(self.flow_class, name)


class Inputs:
    """A join's `inputs`: by the name of the step that came before, by index, or in turn."""

    def __init__(self, flows: list[Any]) -> None:
        self.flows = flows
        for flow in flows:
            setattr(self, flow.__dict__["_current_step"], flow)

    def __getitem__(self, index: int) -> Any:
        return self.flows[index]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.flows)

    def __len__(self) -> int:
        return len(self.flows)


def frame_of(record: Record, index: int) -> dict[str, Any]:
    """The foreach frame of item `index` of the split that `record` made."""
    return {"index": index, "count": record["splits"], "items": record.get("items"), "step": record["step"]}
