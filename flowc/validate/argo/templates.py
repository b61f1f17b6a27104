"""The templates of a workflow, and what a task or step names by them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc.validate.argo.tags import is_dynamic
from flowc.validate.parts import Mapping, mapping, mappings, text

if TYPE_CHECKING:
    from collections.abc import Mapping as AnyMapping

    from flowc.validate.argo.scope import Scope
    from flowc.validate.findings import Findings
    from flowc.validate.kinds import Collection

KINDS = (
    "container",
    "containerSet",
    "script",
    "resource",
    "dag",
    "steps",
    "suspend",
    "data",
    "http",
    "plugin",
)
LEAVES = ("container", "containerSet", "script", "resource", "data", "http", "plugin")
PODS = ("container", "containerSet", "script", "resource", "data")
_WITH_RESULT = ("container", "containerSet", "script", "data", "http", "plugin")


class Template(NamedTuple):
    """One template: its name, its value and where it stands."""

    name: str
    value: Mapping
    findings: Findings

    @property
    def kinds(self) -> list[str]:
        """What it says it runs; one in a sound template."""
        return [kind for kind in KINDS if self.value.get(kind) is not None]

    @property
    def has_result(self) -> bool:
        """Whether a run of it has an exit code and a result."""
        return any(kind in _WITH_RESULT for kind in self.kinds)

    def names(self, part: str, kind: str) -> list[str]:
        """The names of `inputs` or `outputs`, of `parameters` or `artifacts`."""
        return [text(item.get("name")) for _, item in mappings(mapping(self.value.get(part)).get(kind))]


class Workflow(NamedTuple):
    """What the checks of a workflow share: its spec, its templates and the files beside it.

    `kind` is the kind of the object that holds the spec; `runs` whether the spec itself is run (not
    merely a collection of templates); `scope` is what every template has; `handlers` the templates
    that exit handlers come to, None where that is in doubt.
    """

    kind: str
    findings: Findings
    spec: Mapping
    templates: AnyMapping[str, Template]
    collection: Collection
    scope: Scope
    handlers: frozenset[str] | None
    runs: bool

    def called(self, holder: Mapping, at: Findings) -> Template | str | None:
        """The template of a task, step or hook; why there is none; None where that cannot be known."""
        if isinstance(holder.get("inline"), dict):
            return Template("", mapping(holder["inline"]), at.below("inline"))
        name = text(holder.get("template"))
        reference = mapping(holder.get("templateRef"))
        if (
            is_dynamic(name)
            or is_dynamic(text(reference.get("template")))
            or is_dynamic(text(reference.get("name")))
        ):
            return None
        if reference:
            return self._referenced(reference)
        if not name or name in self.templates:
            return self.templates.get(name)
        if self.spec.get("workflowTemplateRef"):
            return None
        return f"there is no template `{name}`"

    def _referenced(self, reference: Mapping) -> Template | str | None:
        kind = "ClusterWorkflowTemplate" if reference.get("clusterScope") is True else "WorkflowTemplate"
        found = self.collection.named(kind, text(reference.get("name")))
        if found is None:
            return None
        templates = templates_of(found.findings.below("spec"))
        wanted = text(reference.get("template"))
        return templates.get(wanted) or f"`{found.name}` has no template `{wanted}`"


def templates_of(spec: Findings) -> dict[str, Template]:
    """The templates of a spec by name; of two with one name the first."""
    found: dict[str, Template] = {}
    for index, value in mappings(mapping(spec.value).get("templates")):
        name = text(value.get("name"))
        found.setdefault(name, Template(name, value, spec.below("templates", index)))
    return found
