"""Decorators of a flow."""

from __future__ import annotations

import pytest

from flowc.target.settings import Settings
from tests.declaring import decorated, read_flow

HOOKS = "def notify(): pass\nLIST = [notify]\n"


def above(decorators: str, flow: str = "") -> str:
    return decorated(head=HOOKS + decorators, flow=flow)


SCHEDULES = [
    ("@schedule", "0 0 * * ? *"),
    ("@schedule()", "0 0 * * ? *"),
    ("@schedule(weekly=True)", "0 0 ? * SUN *"),
    ("@schedule(hourly=True, daily=True)", "0 * * * ? *"),
    ("@schedule(cron='*/5 * * * *', timezone='Europe/Paris')", "*/5 * * * *"),
    ("@schedule(daily=False)", None),
]


@pytest.mark.parametrize(("decorator", "cron"), SCHEDULES)
def test_schedule(decorator: str, cron: str | None) -> None:
    found = read_flow(above(decorator))
    assert not found.faults
    assert (found.flow.schedule.cron if found.flow.schedule else None) == cron


EVENTS = [
    ("@trigger(event='a')", [("a", {}, None, None)]),
    ("@trigger(event={'name': 'a', 'parameters': {'alpha': 'x'}})", [("a", {"alpha": "x"}, None, None)]),
    ("@trigger(events=['a', {'name': 'b', 'parameters': ['alpha', ('beta', 'y')]}])",
     [("a", {}, None, None), ("b", {"alpha": "alpha", "beta": "y"}, None, None)]),
    ("@trigger_on_finish(flow='Up')", [("Up", {}, None, None)]),
    ("@trigger_on_finish(flows=['p.test.x.Up', {'name': 'B', 'project': 'q', 'project_branch': 'prod'}])",
     [("Up", {}, "p", "test.x"), ("B", {}, "q", "prod")]),
    ("@trigger_on_finish(flow='Up')\n@project(name='p', production=True)", [("Up", {}, "p", "prod")]),
    ("@trigger_on_finish(flow='Up')\n@project(name='p', branch='b')", [("Up", {}, "p", "test.b")]),
    ("@trigger_on_finish(flow='Up')\n@project(name='p')", [("Up", {}, "p", None)]),
    ("@project(name='p', branch='b')\n@trigger_on_finish(flow={'name': 'Up', 'project': 'q'})",
     [("Up", {}, "q", "test.b")]),
    ("@project(name='p')\n@trigger_on_finish(flow={'name': 'Up', 'project_branch': 'prod.x'})",
     [("Up", {}, "p", "prod.x")]),
    ("@trigger(event=namespaced_event_name('a'))", [("mfns.a", {}, None, None)]),
    ("@trigger(event=namespaced_event_name('a'))\n@project(name='p', production=True)",
     [("mfns.p.prod.a", {}, None, None)]),
    ("@trigger(event=namespaced_event_name('a'))\n@project(name='p', branch='b')",
     [("mfns.p.test.b.a", {}, None, None)]),
]  # fmt: skip


@pytest.mark.parametrize(("decorators", "events"), EVENTS)
def test_triggers(decorators: str, events: list[tuple[str, dict[str, str], str | None, str | None]]) -> None:
    found = read_flow(above(decorators, 'alpha = Parameter("alpha")\nb = Parameter("beta")'))
    assert not found.faults
    assert [(e.name, e.parameters, e.project, e.branch) for e in found.flow.events] == events


@pytest.mark.parametrize(
    ("project", "branch", "faults"),
    [
        ("name='p'", "new_ui", []),
        ("name='p', branch='b'", "b", []),
        ("name='p'", "Bad Branch", ['4:2 FC502 the branch `"Bad Branch"` cannot be one: it is made of lower-case letters, digits and `_`, 1 to 128 of them']),
        ("name='p', branch='b'", "c", ['4:27 FC502 the branch is `"c"` by `--branch`, and `"b"` by `@project`']),
    ],
)  # fmt: skip
def test_the_branch_of_the_command(project: str, branch: str, faults: list[str]) -> None:
    text = f"from flowc import FlowSpec, project, step\n\n\n@project({project})\nclass F(FlowSpec):\n    @step\n    def start(self): pass\n"
    assert read_flow(text, settings=Settings(branch=branch)).faults == faults


def test_branch_of_an_event_comes_from_the_command() -> None:
    text = above("@project(name='p')\n@trigger(event=namespaced_event_name('a'))")
    assert [f.split()[1] for f in read_flow(text).faults] == ["FC108"]
    assert read_flow(text, settings=Settings(branch="b")).flow.events[0].name == "mfns.p.test.b.a"


@pytest.mark.parametrize("hooks", ["[notify]", "['notify']", "LIST", "(notify,)"])
def test_exit_hooks(hooks: str) -> None:
    found = read_flow(above(f"@exit_hook(on_error={hooks})\n@exit_hook(on_success={hooks})"))
    assert not found.faults
    hook = found.flow.exit_hook
    assert hook is not None
    assert ([f.value for f in hook.on_success], [f.value for f in hook.on_error]) == (["notify"], ["notify"])


FAULTS = [
    ("@project", "4:2 FC115 `@project` needs the attribute `name`"),
    ("@project(name='Forecasts')", '4:15 FC107 `name` of `@project` is `"Forecasts"`; it is made of lower-case letters, digits and `_`, 1 to 128 of them'),
    ("@project(name=3)", "4:15 FC106 `name` of `@project` must be a string, not `3`"),
    ("@trigger", "4:2 FC115 `@trigger` needs `event` or `events`"),
    ("@trigger(event='a', events=['b'])", "4:28 FC510 `@trigger` has both `event` and `events`"),
    ("@trigger(event=lambda c: 'x')", "4:16 FC108 `event` of `@trigger` is not known before the flow runs: a function would have to be called"),
    ("@trigger(event=notify)", "4:16 FC108 `event` of `@trigger` is not known before the flow runs: `notify` is a function, not a constant"),
    ("@trigger(events=['a', 'a'])", "4:17 FC510 the event `a` is listed twice"),
    ("@trigger(event={'name': 'a', 'parameters': {'x': 1}})", "4:16 FC510 `parameters` of the event `a` maps parameters to fields, and holds `('x', 1)`"),
    ("@trigger(event={'name': 'a', 'parameters': {'x': 'y'}})", "4:16 FC509 the event `a` fills the parameter `x`, which the flow does not have"),
    ("@trigger_on_finish(flow='p.Up')", '4:25 FC510 `"p.Up"` names neither a flow nor a flow in a branch of a project'),
    ("@trigger_on_finish(flow={'project': 'p'})", "4:25 FC510 a flow of `@trigger_on_finish` lacks its `name`, a string"),
    ("@trigger_on_finish(flow={'name': 'Up', 'project': 'p'})", "4:25 FC510 the flow `Up` of `@trigger_on_finish` has a project and no branch, so that no event is like it"),
    ("@trigger_on_finish(flow={'name': 'Up', 'project_branch': 'prod'})", "4:25 FC510 the flow `Up` of `@trigger_on_finish` has a branch and no project, so that no event is like it"),
    ("@exit_hook", "4:2 FC115 `@exit_hook` needs functions to call: `on_success`, `on_error` or both"),
    ("@exit_hook(on_error=notify)", "4:21 FC106 `on_error` of `@exit_hook` must be a list of functions, written out"),
    ("@exit_hook(on_error=[lambda: 1])", "4:22 FC133 `on_error` of `@exit_hook` takes functions of the module, by name"),
    ("@exit_hook(on_error=[missing])", "4:22 FC133 `@exit_hook` names the function `missing`, which is not in `flow.py`"),
    ("@schedule(crn='x')", "4:11 FC105 `@schedule` has no attribute `crn`"),
    ("@schedule\n@schedule", "5:2 FC109 `@schedule` stands twice on the flow `F`"),
]  # fmt: skip


@pytest.mark.parametrize(("decorators", "fault"), FAULTS)
def test_faults(decorators: str, fault: str) -> None:
    text = above(decorators).replace(
        "from metaflow import *",
        "from metaflow import FlowSpec, step, project, trigger, trigger_on_finish, exit_hook, schedule",
    )
    assert read_flow(text).faults == [fault]
