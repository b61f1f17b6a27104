"""What the decorators of the flow say, checked and folded into `FlowSpecs`."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.frontend.decorators.attribute_values import shown
from flowc.frontend.decorators.attributes import read_attributes
from flowc.frontend.decorators.kept import split_known
from flowc.frontend.decorators.table import FLOW_RULES
from flowc.ir.spec import ExitHook, FlowSpecs, Project, Schedule
from flowc.ir.values import Const
from flowc.source import Located

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.diagnostics.model import Sink
    from flowc.frontend.decl import DecoratorDecl, FlowDecl
    from flowc.frontend.decorators.attributes import Values
    from flowc.frontend.folding.constants import Folder
    from flowc.ir.spec import Event, Packages
    from flowc.ir.values import Constant
    from flowc.target.settings import Settings

    Found = Mapping[str, tuple[DecoratorDecl, Values]]

_NAME_LIMIT = 128
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
_WORDS = f"it is made of lower-case letters, digits and `_`, 1 to {_NAME_LIMIT} of them"


def flow_specs(flow: FlowDecl, folder: Folder, settings: Settings, sink: Sink) -> FlowSpecs:
    """All that the flow's decorators say, those of its bases included."""
    if not flow.decorators:
        return FlowSpecs()
    known, kept = split_known(flow.decorators, FLOW_RULES, f"the flow `{flow.name}`", folder, sink)
    project = next((d for d in known if d.name == "project"), None)
    found: dict[str, tuple[DecoratorDecl, Values]] = {}
    project_spec: Project | None = None
    branch: str | None = None
    if project is not None:
        # The project comes first: names of events depend on its branch.
        found["project"] = (project, read_attributes(project, FLOW_RULES["project"], folder, sink))
        project_spec = _project(*found["project"], sink)
        _check_branch(*found["project"], settings, sink)
        branch = _branch(project_spec, settings)
        folder.event_prefix = f"mfns.{project_spec.name}.{branch}" if project_spec and branch else None
    for decorator in known:
        if decorator is not project:
            found[decorator.name] = (
                decorator,
                read_attributes(decorator, FLOW_RULES[decorator.name], folder, sink),
            )
    hooks = [d for d in known if d.name == "exit_hook"]
    return FlowSpecs(
        schedule=_schedule(found),
        project=project_spec,
        events=_events(found, project_spec, branch, folder, sink),
        exit_hook=_exit_hook(hooks, folder, sink) if hooks else None,
        packages=_packages(found, sink),
        kept=kept,
    )


def _events(
    found: Found, project: Project | None, branch: str | None, folder: Folder, sink: Sink
) -> tuple[Event, ...]:
    events: tuple[Event, ...] = ()
    if "trigger" in found or "trigger_on_finish" in found:
        from flowc.frontend.decorators.triggers import events_of, flows_of

        if "trigger" in found:
            events += events_of(*found["trigger"], folder, sink)
        if "trigger_on_finish" in found:
            events += flows_of(*found["trigger_on_finish"], project, branch, sink)
    return events


def _packages(found: Found, sink: Sink) -> tuple[Packages, ...]:
    names = [name for name in ("pypi_base", "conda_base") if name in found]
    if not names:
        return ()
    from flowc.frontend.decorators.packages import packages

    return tuple(packages(*found[name], sink) for name in names)


def _schedule(found: Found) -> Schedule | None:
    """Metaflow's own precedence and expressions; without any attribute a flow runs daily."""
    if "schedule" not in found:
        return None
    decorator, values = found["schedule"]
    given = {name: located.value for name, located in values.items()}
    timezone = given.get("timezone")
    if given.get("cron"):
        cron = str(given["cron"])
    elif given.get("weekly"):
        cron = "0 0 ? * SUN *"
    elif given.get("hourly"):
        cron = "0 * * * ? *"
    elif given.get("daily", True):
        cron = "0 0 * * ? *"
    else:
        return None
    return Schedule(
        cron=cron,
        timezone=str(timezone) if timezone else None,
        span=decorator.whole,
        cron_span=values["cron"].span if given.get("cron") else None,
        timezone_span=values["timezone"].span if timezone else None,
    )


# --------------------------------------------------------------------------- project
def _project(decorator: DecoratorDecl, values: Values, sink: Sink) -> Project | None:
    for attribute in ("name", "branch"):
        if attribute in values:
            _check_project_word(attribute, values[attribute], sink)
    if "name" not in values:
        return None
    branch = values["branch"].value if "branch" in values else None
    production = bool(values["production"].value) if "production" in values else False
    return Project(str(values["name"].value), str(branch) if branch else None, production, decorator.span)


def _check_project_word(attribute: str, value: Located[Constant], sink: Sink) -> None:
    word = str(value.value)
    if (attribute == "branch" and not word) or _is_word(word):
        return
    sink.report(
        catalog.ATTRIBUTE_RANGE,
        value.span,
        f"`{attribute}` of `@project` is {shown(word)}; {_WORDS}",
        helps=["choose such a name"],
    )


def _is_word(word: str) -> bool:
    return 0 < len(word) <= _NAME_LIMIT and _NAME_CHARACTERS.issuperset(word)


def _check_branch(decorator: DecoratorDecl, values: Values, settings: Settings, sink: Sink) -> None:
    """FC502: the branch of the command cannot be one, or the flow says another."""
    given, written = settings.branch, values.get("branch")
    if not given:
        return
    where = written.span if written is not None and written.value else decorator.span
    if not _is_word(given):
        message, cure = (
            f"the branch {shown(given)} cannot be one: {_WORDS}",
            "choose such a name for `--branch`",
        )
    elif written is not None and written.value and written.value != given:
        message = f"the branch is {shown(given)} by `--branch`, and {shown(written.value)} by `@project`"
        cure = "leave one of the two out"
    else:
        return
    sink.report(catalog.SETTING_VALUE, where, message, helps=[cure])


def _branch(project: Project | None, settings: Settings) -> str | None:
    """The branch of a project as events name it: `prod`, `prod.b`, `test.b`; None where only `--branch` tells."""
    if project is None:
        return None
    given = project.branch or settings.branch
    production = project.production or settings.production
    if not given and not production:
        return None
    return ".".join(word for word in ("prod" if production else "test", given) if word)


# --------------------------------------------------------------------------- exit hooks
def _exit_hook(decorators: list[DecoratorDecl], folder: Folder, sink: Sink) -> ExitHook:
    functions: dict[str, list[Located[str]]] = {"on_success": [], "on_error": []}
    for decorator in decorators:
        count = 0
        for keyword in decorator.keywords:
            if keyword.arg in functions:
                named = _functions(decorator, keyword.arg, keyword.value, folder, sink)
                count += len(named) if named is not None else 1
                functions[keyword.arg].extend(named or ())
        if count == 0 and not any(k.arg is None for k in decorator.keywords):
            sink.report(
                catalog.MISSING_ATTRIBUTE,
                decorator.whole,
                "`@exit_hook` needs functions to call: `on_success`, `on_error` or both",
                helps=["write for example `@exit_hook(on_error=[notify])`"],
            )
    return ExitHook(tuple(functions["on_success"]), tuple(functions["on_error"]), decorators[0].span)


def _functions(
    decorator: DecoratorDecl, attribute: str, expr: ast.expr, folder: Folder, sink: Sink
) -> list[Located[str]] | None:
    """The functions of a list; None after a report that it is none."""
    elements = _elements(expr, decorator, folder)
    if elements is None:
        sink.report(
            catalog.ATTRIBUTE_TYPE,
            decorator.module.span(expr),
            f"`{attribute}` of `@exit_hook` must be a list of functions, written out",
            helps=[f"write `{attribute}=[function]`"],
        )
        return None
    found: list[Located[str]] = []
    for element in elements:
        name = _function_name(element, decorator, folder)
        span = decorator.module.span(element)
        if name is None:
            sink.report(
                catalog.EXIT_HOOK_FUNCTION,
                span,
                f"`{attribute}` of `@exit_hook` takes functions of the module, by name",
                helps=["define a function in the flow's file and name it here"],
            )
        elif _is_function(name, decorator, folder):
            found.append(Located(name, span))
        else:
            sink.report(
                catalog.EXIT_HOOK_FUNCTION,
                span,
                f"`@exit_hook` names the function `{name}`, which is not in `{decorator.module.path}`",
                helps=did_you_mean(name, decorator.module.bindings.names) or [f"define or import `{name}`"],
            )
    return found or None if elements else []


def _elements(expr: ast.expr, decorator: DecoratorDecl, folder: Folder) -> list[ast.expr] | None:
    """The elements of a list, written in place or as a constant of the module."""
    if isinstance(expr, ast.Name):
        binding = folder.project.lookup(decorator.module, expr.id)
        expr = binding.value or expr if binding is not None else expr
    if isinstance(expr, ast.Constant) and expr.value is None:
        return []
    return list(expr.elts) if isinstance(expr, (ast.List, ast.Tuple, ast.Set)) else None


def _function_name(element: ast.expr, decorator: DecoratorDecl, folder: Folder) -> str | None:
    if isinstance(element, ast.Name) and not isinstance(folder.fold(element, decorator.module), Const):
        return element.id
    value = folder.fold(element, decorator.module)
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else None


def _is_function(name: str, decorator: DecoratorDecl, folder: Folder) -> bool:
    """Whether the module has something callable of this name, as far as can be seen."""
    binding = folder.project.lookup(decorator.module, name)
    if binding is None:
        return decorator.module.binds_unseen or bool(decorator.module.bindings.stars)
    return not isinstance(
        folder.fold(ast.copy_location(ast.Name(name, ast.Load()), binding.node), binding.module), Const
    )
