"""What a `{{…}}` or an expression may name in one place of a workflow."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from flowc.validate.argo.calls import holders
from flowc.validate.argo.templates import PODS, Template
from flowc.validate.parts import Mapping, mapping, mappings, text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping as AnyMapping

    from flowc.validate.argo.templates import Workflow

_GLOBALS = (
    "workflow.name workflow.namespace workflow.mainEntrypoint workflow.serviceAccountName workflow.uid "
    "workflow.parameters workflow.parameters.json workflow.annotations workflow.annotations.json "
    "workflow.labels workflow.labels.json workflow.status workflow.priority"
).split()
_FAILURES = "workflow.failures"  # for exit handlers alone
_OPEN = (  # what is under these is known only to a run
    "workflow.annotations.", "workflow.labels.", "workflow.creationTimestamp", "workflow.scheduledTime",
    "workflow.duration", "outputs.", "tasks.name", "steps.name", "node.name",
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


def workflow_scope(
    spec: Mapping, templates: AnyMapping[str, Template], parameters: Iterable[str], *, may_have_more: bool
) -> Scope:
    """What every template of a workflow has in scope. `may_have_more`: another object may give more parameters."""
    names = {*_GLOBALS, *(f"workflow.parameters.{name}" for name in parameters)}
    open_names = [*_OPEN, *(["workflow.parameters."] if may_have_more else [])]
    for kind in ("parameters", "artifacts"):
        exported = None if spec.get("workflowTemplateRef") else _exported(templates, kind)
        if exported is None:
            open_names.append(f"workflow.outputs.{kind}.")
        else:
            names |= exported
    return Scope(frozenset(names), tuple(open_names))


def scope_of(workflow: Workflow, template: Template) -> Scope:
    """What is in scope everywhere in a template: the workflow's, its inputs, what its kind has."""
    names = {"inputs.parameters", "inputs.artifacts"}
    names |= {f"inputs.parameters.{name}" for name in template.names("inputs", "parameters")}
    for name in template.names("inputs", "artifacts"):
        names |= {f"inputs.artifacts.{name}", f"inputs.artifacts.{name}.path"}
    if set(template.kinds) & set(PODS):
        names.add("pod.name")
    if workflow.handlers is None or template.name.partition(".")[0] in workflow.handlers:
        names.add(_FAILURES)
    return workflow.scope.plus(names)


def _exported(templates: AnyMapping[str, Template], kind: str) -> set[str] | None:
    """What templates export by `globalName`; None where not all of it is known."""
    found = set()
    for template in templates.values():
        for _, _, holder in holders(template):
            if holder.get("templateRef") or holder.get("inline"):
                return None
        for _, output in mappings(mapping(template.value.get("outputs")).get(kind)):
            name = text(output.get("globalName"))
            if "{{" in name:
                return None
            found.add(f"workflow.outputs.{kind}.{name}")
    return found


def node_names(prefix: str, template: Template | str | None, holder: Mapping) -> Added:
    """What a finished task or step adds to the scope: names, and beginnings under which all resolves."""
    if not isinstance(template, Template):
        return set(), [f"{prefix}."]
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


def item_names(holder: Mapping) -> Added:
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
