"""`@trigger` and `@trigger_on_finish`: events by name, with the parameters they fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label
from flowc.diagnostics.suggest import did_you_mean
from flowc.frontend.decorators.attribute_values import shown
from flowc.ir.spec import Event
from flowc.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.diagnostics.model import Sink
    from flowc.frontend.decl import DecoratorDecl
    from flowc.frontend.decorators.attributes import Values
    from flowc.frontend.folding.constants import Folder
    from flowc.ir.spec import Project
    from flowc.ir.values import Constant
    from flowc.source import Located, Span

_PAIR = 2


def events_of(decorator: DecoratorDecl, values: Values, folder: Folder, sink: Sink) -> tuple[Event, ...]:
    """The events of `@trigger`."""
    found: dict[str, Event] = {}
    for item, span in _items(decorator, values, "event", "events", sink):
        event = _event(item, span, folder, sink)
        if event is None:
            continue
        if event.name in found:
            _report_twice("event", event.name, span, sink)
        found.setdefault(event.name, event)
    return tuple(found.values())


def flows_of(
    decorator: DecoratorDecl, values: Values, project: Project | None, branch: str | None, sink: Sink
) -> tuple[Event, ...]:
    """The flows of `@trigger_on_finish`, as events; in `project` and its `branch` unless they say otherwise."""
    found = [_finished(item, span, sink) for item, span in _items(decorator, values, "flow", "flows", sink)]
    several = [_placed(event, project, branch, sink) for event in found if event is not None]
    return tuple(event for event in several if event is not None)


def _placed(event: Event, project: Project | None, branch: str | None, sink: Sink) -> Event | None:
    """The event with the project and branch in which the other flow publishes it."""
    if project is not None:
        return replace(event, project=event.project or project.name, branch=event.branch or branch)
    if (event.project is None) != (event.branch is None):
        given, lacking = ("project", "branch") if event.branch is None else ("branch", "project")
        message = f"the flow `{event.name}` of `@trigger_on_finish` has a {given} and no {lacking}, so that no event is like it"
        _malformed(message, f"{_FLOW_FORM}, or put the flow into the project by `@project`", event.span, sink)
        return None
    return event


def _items(
    decorator: DecoratorDecl, values: Values, one: str, many: str, sink: Sink
) -> Iterator[tuple[Constant, Span]]:
    """The item of `one=`, or those of `many=`; exactly one of the two is given."""
    single, several = _given(values, one), _given(values, many)
    if single and several:
        sink.report(
            catalog.TRIGGER_EVENT,
            several.span,
            f"`@{decorator.name}` has both `{one}` and `{many}`",
            secondary=[Label(single.span, f"`{one}` is given here")],
            helps=[f"put all of them into `{many}`"],
        )
    elif not single and not several:
        attempted = {k.arg for k in decorator.keywords} - set(values)
        if not attempted & {one, many, None}:  # else what was given has been reported
            sink.report(
                catalog.MISSING_ATTRIBUTE,
                decorator.whole,
                f"`@{decorator.name}` needs `{one}` or `{many}`",
                helps=[f'write `@{decorator.name}({one}="NAME")`'],
            )
    if single:
        yield single.value, single.span
    elif several and isinstance(several.value, list):
        yield from ((item, several.span) for item in several.value)


def _given(values: Values, name: str) -> Located[Constant] | None:
    located = values.get(name)
    return located if located is not None and located.value else None


def _event(item: Constant, span: Span, folder: Folder, sink: Sink) -> Event | None:
    match item:
        case str():
            return Event(name=item, span=span)
        case dict():
            return _event_of_dict(item, span, folder, sink)
        case _:
            _malformed(
                f"an event of `@trigger` is a name or a dict, not {shown(item)}", _EVENT_FORM, span, sink
            )
            return None


def _event_of_dict(entries: dict[Constant, Constant], span: Span, folder: Folder, sink: Sink) -> Event | None:
    name = entries.get("name")
    if not isinstance(name, str) or not name:
        _malformed("an event of `@trigger` lacks its `name`, a string", _EVENT_FORM, span, sink)
        return None
    _check_keys(entries, ("name", "parameters"), "an event of `@trigger`", _EVENT_FORM, span, sink)
    mapping = _mapping(name, entries.get("parameters"), span, sink)
    _check_parameters(name, mapping, span, folder, sink)
    return Event(name=name, span=span, parameters=mapping)


def _check_keys(
    entries: dict[Constant, Constant], known: tuple[str, ...], what: str, form: str, span: Span, sink: Sink
) -> None:
    for key in entries:
        if key not in known:
            _malformed(f"{what} has no key {shown(key)}", form, span, sink)


_EVENT_FORM = 'write `"NAME"` or `{"name": "NAME", "parameters": {"parameter": "field"}}`'


def _mapping(event: str, parameters: Constant, span: Span, sink: Sink) -> dict[str, str]:
    """Parameter → field of the event, from a dict, or from a list of names and pairs."""
    found: dict[str, str] = {}
    entries: list[Constant] = []
    match parameters:
        case None:
            return found
        case dict():
            entries = [(key, value) for key, value in parameters.items()]
        case list() | tuple():
            entries = list(parameters)
        case _:
            entries = [None]
    for entry in entries:
        pair = [entry, entry] if isinstance(entry, str) else entry
        if isinstance(pair, (list, tuple)) and len(pair) == _PAIR and all(isinstance(p, str) for p in pair):
            found[str(pair[0])] = str(pair[1])
            continue
        message = f"`parameters` of the event `{event}` maps parameters to fields, and holds {shown(entry)}"
        _malformed(message, 'write `{"parameter": "field"}` or `["parameter"]`', span, sink)
    return found


def _check_parameters(event: str, mapping: dict[str, str], span: Span, folder: Folder, sink: Sink) -> None:
    known = folder.parameter_names
    for name in mapping:
        if known is not None and name not in known:
            sink.report(
                catalog.TRIGGER_PARAMETER,
                span,
                f"the event `{event}` fills the parameter `{name}`, which the flow does not have",
                helps=did_you_mean(name, known) or [f'add `{name} = Parameter("{name}")` to the flow'],
            )


def _finished(item: Constant, span: Span, sink: Sink) -> Event | None:
    match item:
        case str():
            return _qualified(item, span, sink)
        case dict():
            return _finished_of_dict(item, span, sink)
        case _:
            message = f"a flow of `@trigger_on_finish` is a name or a dict, not {shown(item)}"
            _malformed(message, _FLOW_FORM, span, sink)
            return None


def _finished_of_dict(entries: dict[Constant, Constant], span: Span, sink: Sink) -> Event | None:
    name, project, branch = entries.get("name"), entries.get("project"), entries.get("project_branch")
    if not isinstance(name, str) or not name:
        _malformed("a flow of `@trigger_on_finish` lacks its `name`, a string", _FLOW_FORM, span, sink)
        return None
    _check_keys(
        entries,
        ("name", "project", "project_branch"),
        "a flow of `@trigger_on_finish`",
        _FLOW_FORM,
        span,
        sink,
    )
    if not all(part is None or isinstance(part, str) for part in (project, branch)):
        _malformed(f"`project` and `project_branch` of the flow `{name}` are strings", _FLOW_FORM, span, sink)
        return None
    return _checked(name, str(project) if project else None, str(branch) if branch else None, span, sink)


_FLOW_FORM = (
    'write `"FlowName"`, `"project.branch.FlowName"` or `{"name": …, "project": …, "project_branch": …}`'
)


def _qualified(name: str, span: Span, sink: Sink) -> Event | None:
    """`Flow`, or `project.branch.Flow`, whose branch may itself have dots."""
    parts = name.split(".")
    if len(parts) == 1:
        return _checked(name, None, None, span, sink)
    if len(parts) == _PAIR:
        message = f"{shown(name)} names neither a flow nor a flow in a branch of a project"
        _malformed(message, _FLOW_FORM, span, sink)
        return None
    return _checked(parts[-1], parts[0], ".".join(parts[1:-1]), span, sink)


def _checked(name: str, project: str | None, branch: str | None, span: Span, sink: Sink) -> Event | None:
    if not (name.isascii() and name.replace("_", "a").isalnum()):
        _malformed(f"{shown(name)} cannot be the name of a flow", _FLOW_FORM, span, sink)
        return None
    return Event(name=name, span=span, on_finish=True, project=project, branch=branch)


def _report_twice(what: str, name: str, span: Span, sink: Sink) -> None:
    _malformed(f"the {what} `{name}` is listed twice", "remove one of the two", span, sink)


def _malformed(message: str, help_: str, span: Span, sink: Sink) -> None:
    sink.report(catalog.TRIGGER_EVENT, span, message, helps=[help_])
