"""References in texts: every `{{…}}` and expression names what is in its scope, and can be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity
from flowc.diagnostics.suggest import did_you_mean, edit_distance
from flowc.diagnostics.wording import shortened
from flowc.validate.argo.expressions import Chain, read_expression
from flowc.validate.argo.functions import unknown_name
from flowc.validate.argo.tags import ROOTS, Tag, tags, unclosed, without_tags
from flowc.validate.parts import texts

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.argo.scope import Scope
    from flowc.validate.findings import Findings


# Beginnings that people mix up, where the rest can be nothing but a reference of the engine.
_MEANT = {"input": "inputs", "output": "outputs", "task": "tasks", "step": "steps", "workflow": "workflow"}
_ALMOST = re.compile(
    r"((?i:inputs?|outputs?|workflows?)(?=\.(?:parameters|artifacts|result)\b)|(?i:tasks?|steps?)(?=\.[\w-]+\.(?:outputs|status)\b))\.(.+)"
)


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
            elif right := _misspelt(tag.inner):
                message = f"`{tag.inner}` means nothing to the engine, which leaves it as it is"
                findings.report(
                    catalog.UNRESOLVED_REFERENCE,
                    path,
                    message,
                    f"did you mean `{right}`?",
                    part=(tag.start, tag.end),
                )


def _misspelt(name: str) -> str:
    """What a name was meant to be that looks like the engine's own but for its beginning; "" for any other."""
    match = _ALMOST.fullmatch(name)
    return (
        f"{_MEANT[match[1].lower().rstrip('s')]}.{match[2]}"
        if match and match[1] not in _MEANT.values()
        else ""
    )


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
    chains, fault = read_expression(without_tags(expression))
    if fault is not None:
        place = (offset + fault.start, offset + fault.end)
        message = f"the expression `{shortened(expression.strip(), 60)}` cannot be read: {fault.reason}"
        findings.report(
            catalog.ENGINE_EXPRESSION,
            path,
            message,
            "see https://expr-lang.org/docs/language-definition",
            part=place,
        )
        return
    for chain in chains:
        unknown = unknown_name(chain)
        if unknown:
            message, helps = unknown
            part = (offset + chain.start, offset + chain.end)
            findings.report(catalog.ENGINE_EXPRESSION, path, message, *helps, part=part)
            continue
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
