"""What a `{{…}}` or an expression may name in one place of a workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.diagnostics.suggest import did_you_mean, edit_distance
from flowc.validate.argo.expressions import Chain, read_expression
from flowc.validate.argo.tags import ROOTS, Tag, tags, unclosed
from flowc.validate.parts import mapping, mappings, text, texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowc.manifest.placed.document import Path
    from flowc.validate.argo.templates import Template, Workflow
    from flowc.validate.findings import Findings

_GLOBALS = (
    "workflow.name workflow.namespace workflow.mainEntrypoint workflow.serviceAccountName workflow.uid "
    "workflow.parameters workflow.parameters.json workflow.annotations workflow.annotations.json "
    "workflow.labels workflow.labels.json workflow.status workflow.failures workflow.priority"
).split()
_OPEN = (  # what is under these is known only to a run
    "workflow.annotations.", "workflow.labels.", "workflow.creationTimestamp", "workflow.scheduledTime",
    "workflow.duration", "workflow.outputs.artifacts.", "outputs.", "tasks.name", "steps.name", "node.name",
)  # fmt: skip
_OF_NODES = ("id", "startedAt", "finishedAt", "hostNodeName")


# What a task or step adds: names, and beginnings under which every name resolves.
Added: TypeAlias = "tuple[set[str], list[str]]"


class Scope(NamedTuple):
    """Names that resolve: exactly those of `names`, and everything that begins like one of `open_names`."""

    names: frozenset[str]
    open_names: tuple[str, ...]

    def plus(self, names: Iterable[str] = (), open_names: Iterable[str] = ()) -> Scope:
        """This scope with more in it."""
        return Scope(self.names | frozenset(names), (*self.open_names, *open_names))

    def with_all(self, added: Iterable[Added]) -> Scope:
        """This scope with what several tasks or steps add."""
        both = list(added)
        return self.plus((n for names, _ in both for n in names), (n for _, open_ in both for n in open_))

    def has(self, name: str) -> bool:
        """Whether a name resolves."""
        return name in self.names or name.startswith(self.open_names)


def scope_of(workflow: Workflow, template: Template) -> Scope:
    """What is in scope everywhere in a template: the workflow's, its inputs, what its kind has."""
    names = {*_GLOBALS, *_inputs(template)}
    open_names = list(_OPEN)
    names |= {f"workflow.parameters.{name}" for name in workflow.parameters}
    if workflow.may_have_more_parameters:
        open_names.append("workflow.parameters.")
    exported = _exported(workflow)
    if exported is None:
        open_names.append("workflow.outputs.parameters.")
    else:
        names |= exported
    if set(template.kinds) & {"container", "containerSet", "script", "resource", "data"}:
        names.add("pod.name")
    if any(kind in template.kinds for kind in ("dag", "steps")):
        names.add("pod.name")
    return Scope(frozenset(names), tuple(open_names))


def _inputs(template: Template) -> set[str]:
    names = {"inputs.parameters", "inputs.artifacts"}
    names |= {f"inputs.parameters.{name}" for name in template.names("inputs", "parameters")}
    for name in template.names("inputs", "artifacts"):
        names |= {f"inputs.artifacts.{name}", f"inputs.artifacts.{name}.path"}
    return names


def _exported(workflow: Workflow) -> set[str] | None:
    """The parameters that templates export by `globalName`; None where not all are known."""
    found = set()
    if workflow.spec.get("workflowTemplateRef"):
        return None
    for template in workflow.templates.values():
        for _, _, holder in holders(template):
            if holder.get("templateRef") or holder.get("inline"):
                return None
        for _, parameter in mappings(mapping(template.value.get("outputs")).get("parameters")):
            name = text(parameter.get("globalName"))
            if "{{" in name:
                return None
            found.add(f"workflow.outputs.parameters.{name}")
    return found


def holders(template: Template) -> list[tuple[str, Path, dict[str, object]]]:
    """What a template runs: the name, the place and the value of each task or step."""
    found: list[tuple[str, Path, dict[str, object]]] = []
    for index, task in mappings(mapping(template.value.get("dag")).get("tasks")):
        found.append((text(task.get("name")), ("dag", "tasks", index), task))
    for group, steps in enumerate(as_groups(template.value.get("steps"))):
        for path, step in steps:
            found.append((text(step.get("name")), ("steps", group, *path), step))
    return found


def as_groups(steps: object) -> list[list[tuple[Path, dict[str, object]]]]:
    """The groups of steps, each with the places of its steps below it; a group of one may be no list."""
    groups: list[list[tuple[Path, dict[str, object]]]] = []
    for group in steps if isinstance(steps, list) else []:
        if isinstance(group, dict) and isinstance(group.get("steps"), list):
            groups.append([(("steps", index), step) for index, step in mappings(group["steps"])])
        elif isinstance(group, dict):
            groups.append([((), group)])
        else:
            groups.append([((index,), step) for index, step in mappings(group)])
    return groups


def node_names(
    prefix: str, template: Template | str | None, holder: dict[str, object]
) -> tuple[set[str], list[str]]:
    """What a finished task or step adds to the scope: names, and beginnings under which all resolves."""
    if not hasattr(template, "value"):
        return set(), [f"{prefix}."]
    assert not isinstance(template, str) and template is not None  # noqa: S101, PT018 - narrows for the type checker
    names = {f"{prefix}.{name}" for name in (*_OF_NODES, "status")}
    if template.value.get("daemon") is True:
        names.add(f"{prefix}.ip")
    if template.has_result:
        names |= {f"{prefix}.outputs.result", f"{prefix}.exitCode", f"{prefix}.outputs.exitCode"}
    if any(holder.get(key) for key in ("withItems", "withParam", "withSequence")):
        names |= {f"{prefix}.outputs.parameters", f"{prefix}.outputs.result"}
    names |= {f"{prefix}.outputs.parameters.{name}" for name in template.names("outputs", "parameters")}
    names |= {f"{prefix}.outputs.artifacts.{name}" for name in template.names("outputs", "artifacts")}
    return names, []


def item_names(holder: dict[str, object]) -> tuple[set[str], list[str]]:
    """What `item` is in a task or step: nothing without a loop."""
    if holder.get("withParam"):
        return {"item"}, ["item."]
    found: set[str] = set()
    items = holder.get("withItems")
    for item in items if isinstance(items, list) else []:
        found.add("item")
        if isinstance(item, dict):
            found |= {f"item.{key}" for key in item}
        elif isinstance(item, list):
            found |= {f"item.[{index}]" for index in range(len(item))} | {
                f"item[{index}]" for index in range(len(item))
            }
    if isinstance(items, str) and items:
        return {"item"}, ["item."]
    if holder.get("withSequence"):
        found.add("item")
    return found, []


def check_references(
    findings: Findings, value: object, base: Path, scope: Scope, *, judges_item: bool = False
) -> None:
    """Report FC718 and FC719 for every text inside `value`, which stands at `base`."""
    for path, written in texts(value, base):
        broken = unclosed(written)
        if broken is not None:
            message = f"`{written[broken[0] : broken[1]].strip()}` is never closed"
            findings.report(catalog.UNRESOLVED_REFERENCE, path, message, "end it with `}}`", part=broken)
        for tag in tags(written):
            if tag.is_expression:
                _check_expression(findings, path, written, tag, scope)
            elif _is_judged(tag.inner, judges_item) and not scope.has(tag.inner):
                _unresolved(findings, path, tag.inner, (tag.start, tag.end), scope)
            elif tag.inner.startswith("workflow.parameters.") and tag.inner not in scope.names:
                _undeclared(findings, path, tag, scope)


def _is_judged(name: str, judges_item: bool) -> bool:
    return name.startswith(ROOTS[:-2]) or (judges_item and name == "item")


def _check_expression(findings: Findings, path: Path, written: str, tag: Tag, scope: Scope) -> None:
    offset = written.index("=", tag.start + 2) + 1
    inner = written[offset : tag.end - 2]
    check_expression(findings, path, inner, scope, offset)


def check_expression(
    findings: Findings, path: Path, expression: str, scope: Scope | None, offset: int = 0
) -> None:
    """Report FC719 for an expression that cannot be read, FC718 for what it names in vain."""
    chains, fault = read_expression(expression)
    if fault is not None:
        place = (offset + fault.start, offset + fault.end)
        message = f"the expression `{_short(expression.strip())}` cannot be read: {fault.reason}"
        findings.report(
            catalog.ENGINE_EXPRESSION,
            path,
            message,
            "see https://expr-lang.org/docs/language-definition",
            part=place,
        )
        return
    for chain in chains:
        name = scope and _missing(chain, scope)
        if name:
            assert scope is not None  # noqa: S101 - narrows for the type checker
            _unresolved(findings, path, name, (offset + chain.start, offset + chain.end), scope)


def _missing(chain: Chain, scope: Scope) -> str:
    """The name that a chain looks up in vain; "" where it may be there: other parts of it are computed."""
    if (
        chain.may_be_missing
        or len(chain.parts) < 3
        or chain.parts[0] not in {"inputs", "tasks", "steps", "workflow"}
    ):
        return ""
    if chain.parts[0] in {"tasks", "steps"}:
        prefix = ".".join(chain.parts[:2])
        if not scope.has(f"{prefix}.") and not any(name.startswith(f"{prefix}.") for name in scope.names):
            return prefix
        depth = 4 if chain.parts[2] == "outputs" and chain.parts[3:4] == ("parameters",) else 0
        name = ".".join(chain.parts[:5])
        return name if depth and len(chain.parts) >= 5 and not scope.has(name) else ""
    name = ".".join(chain.parts[:3])
    if chain.parts[1] not in {"parameters", "artifacts"} or chain.parts[2] == "json" or scope.has(name):
        return ""
    return name


def _unresolved(findings: Findings, path: Path, name: str, part: tuple[int, int], scope: Scope) -> None:
    near = did_you_mean(name, [known for known in scope.names if known.count(".") == name.count(".")])
    helps = near or (_remedy(name),)
    message = f"`{name}` is not in scope here"
    findings.report(catalog.UNRESOLVED_REFERENCE, path, message, *helps, part=part)


def _undeclared(findings: Findings, path: Path, tag: Tag, scope: Scope) -> None:
    """A parameter that whoever runs the template may give: only one that looks misspelt is told."""
    prefix = "workflow.parameters."
    declared = [name.removeprefix(prefix) for name in scope.names if name.startswith(prefix)]
    name = tag.inner.removeprefix(prefix)
    near = did_you_mean(name, [each for each in declared if edit_distance(name, each, 2) <= 2])
    if near:
        message = f"`{tag.inner}` is no parameter that the workflow declares"
        findings.report(
            catalog.UNRESOLVED_REFERENCE,
            path,
            message,
            *near,
            part=(tag.start, tag.end),
            severity=Severity.WARNING,
        )


def _remedy(name: str) -> str:
    root, _, rest = name.partition(".")
    match root:
        case "tasks":
            return f"name `{rest.partition('.')[0]}` in `depends`, so that it has ended; its template declares the outputs"
        case "steps":
            return "only steps of earlier groups have ended; their templates declare the outputs"
        case "item":
            return (
                "`item` is there with `withItems`, `withParam` or `withSequence`, in the task or step itself"
            )
        case "inputs":
            return "declare it under `inputs` of the template"
        case "workflow":
            return (
                "declare it under `spec.arguments.parameters`"
                if "parameters." in name
                else "the workflow has no such value"
            )
        case _:
            return "the engine replaces it with nothing here"


def _short(expression: str) -> str:
    return expression if len(expression) <= 60 else expression[:57] + "…"
