"""Policy documents of IAM: each statement says who may do what with which resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.validate.asl.reading import is_replaced
from flowc.validate.parts import Mapping, items, mapping, text

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.findings import Findings

_VERSIONS = ("2012-10-17", "2008-10-17")
_TRUST = "AssumeRolePolicyDocument"


def check_policies(findings: Findings, values: Mapping) -> None:
    """Report FC704 and FC705 for the policy documents in the properties of a resource of IAM."""
    own: list[tuple[Path, object]] = [((key,), values.get(key)) for key in (_TRUST, "PolicyDocument")]
    own += [
        (("Policies", index, "PolicyDocument"), mapping(policy).get("PolicyDocument"))
        for index, policy in enumerate(items(values.get("Policies")))
    ]
    for path, document in own:
        if isinstance(document, dict) and not is_replaced(document):
            _check_document(findings, path, document)


def _check_document(findings: Findings, path: Path, document: Mapping) -> None:
    version, statements = document.get("Version"), document.get("Statement")
    if isinstance(version, str) and version not in _VERSIONS:
        message = f"`{version}` is no version of the policy language"
        findings.report(catalog.FIELD_VALUE, (*path, "Version"), message, "write `2012-10-17`")
    for index, statement in enumerate([statements] if isinstance(statements, dict) else items(statements)):
        at: Path = (*path, "Statement") if isinstance(statements, dict) else (*path, "Statement", index)
        if isinstance(statement, dict) and not is_replaced(statement):
            _check_statement(findings, at, statement, is_trust=path == (_TRUST,))


def _check_statement(findings: Findings, path: Path, statement: Mapping, *, is_trust: bool) -> None:
    effect = statement.get("Effect")
    if text(effect) not in {"Allow", "Deny"} and not isinstance(effect, dict):
        message = "a statement of a policy has neither `Allow` nor `Deny` as its `Effect`"
        findings.report(catalog.FIELD_VALUE, path, message, "add `Effect: Allow`")
    for key in ("Action", "Principal" if is_trust else "Resource"):
        if key not in statement and f"Not{key}" not in statement and "Fn::Transform" not in statement:
            message = f"a statement of a policy has no `{key}`"
            findings.report(catalog.MISSING_FIELD, path, message, f"add `{key}`")
