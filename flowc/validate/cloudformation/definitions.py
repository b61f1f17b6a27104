"""The state machine that a template deploys: written in it, or in a file beside it.

Every `${name}` of a definition is filled by `DefinitionSubstitutions`; a definition in S3 is the
file of the same folder whose content its key names by sha256, as flowc writes it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity, Sink
from flowc.diagnostics.suggest import did_you_mean
from flowc.manifest.digest import sha256_hex
from flowc.manifest.placed.json import JSONFaultError, read_json
from flowc.source import SourceFile
from flowc.validate.asl.machine import check_machine
from flowc.validate.findings import Findings
from flowc.validate.kinds import MACHINE
from flowc.validate.parts import Mapping, mapping, text, texts

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.kinds import Collection, Known

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z0-9_]+)\}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_WAYS = ("Definition", "DefinitionString", "DefinitionS3Location")


def check_definition_of(known: Known, name: str, collection: Collection) -> None:
    """Report FC721, FC762 and FC763 for a `AWS::StepFunctions::StateMachine`, and what is wrong in its definition."""
    findings = known.findings.below("Resources", name, "Properties")
    properties = mapping(findings.value)
    ways = [way for way in _WAYS if way in properties]
    if len(ways) > 1:
        findings.report(
            catalog.EXCLUSIVE_FIELDS,
            (ways[1],),
            f"`{name}` has both `{ways[0]}` and `{ways[1]}`",
            "keep one of the two",
            at_key=True,
        )
        return
    if not ways and "DefinitionUri" not in properties:
        findings.report(
            catalog.MISSING_FIELD,
            (),
            f"state machine `{name}` has no definition",
            "add `DefinitionString`, `Definition` or `DefinitionS3Location`",
            at_key=True,
        )
    definition = properties.get("Definition")
    if isinstance(definition, dict) and "States" in definition:
        check_machine(findings.below("Definition"))
        _check_filled(findings, properties, definition, ("Definition",))
    written = properties.get("DefinitionString")
    if isinstance(written, str):
        _check_text(findings, written, properties)
    elif isinstance(written, dict) and len(written) == 1:
        inner = written.get("Fn::Sub")
        inner = inner[0] if isinstance(inner, list) and inner else inner
        if isinstance(inner, str):
            _check_text(findings, inner, None)
    if isinstance(properties.get("DefinitionS3Location"), dict):
        _check_file(known, findings, properties, collection)


def _check_text(findings: Findings, written: str, properties: Mapping | None) -> None:
    """A definition written as JSON in a text: its faults are shown at the text, with their place in it.

    Without `properties` a function of the template fills its placeholders.
    """
    file = SourceFile(findings.document.file.path, written, findings.document.file.root)
    path: Path = ("DefinitionString",)
    try:
        document = read_json(file, lambda *_: None)
    except JSONFaultError as fault:
        findings.report(
            catalog.UNREADABLE_MANIFEST,
            path,
            f"the definition is not valid JSON: {fault.reason}",
            "repair the JSON",
        )
        return
    own = Sink()
    check_machine(Findings(document, own))
    for each in own:
        line, column = file.place(each.primary.span.start)
        message = f"{each.message} (line {line}, column {column} of the text)"
        findings.report(each.rule, path, message, *each.helps, severity=each.severity, at_key=True)
    if properties is not None:
        _check_filled(findings, properties, document.value, path)


def _check_filled(findings: Findings, properties: Mapping, definition: object, path: Path) -> None:
    given = properties.get("DefinitionSubstitutions", {})
    if not isinstance(given, dict):
        return
    holes = {name for _, written in texts(definition) for name in _PLACEHOLDER.findall(written)}
    for name in sorted(holes - set(given)):
        helps = did_you_mean(name, given) or ("add it to `DefinitionSubstitutions`",)
        findings.report(
            catalog.SUBSTITUTION, path, f"nothing fills `${{{name}}}` of the definition", *helps, at_key=True
        )
    for name in sorted(set(given) - holes):
        message = f"the definition has no `${{{name}}}`"
        findings.report(
            catalog.SUBSTITUTION,
            ("DefinitionSubstitutions", name),
            message,
            "remove the substitution, or use it",
            at_key=True,
            severity=Severity.WARNING,
        )


def _check_file(known: Known, findings: Findings, properties: Mapping, collection: Collection) -> None:
    beside = [each for each in collection.known if each.kind == MACHINE and each.folder == known.folder]
    if not beside:
        return
    key = text(mapping(properties["DefinitionS3Location"]).get("Key"))
    digest = _DIGEST.search(key)
    named = [
        each
        for each in beside
        if each.findings.document.file.path.rpartition("/")[2] == key.rpartition("/")[2]
    ]
    if digest is not None:
        found = [
            each for each in beside if sha256_hex(each.findings.document.file.text.encode()) == digest[0]
        ]
        if not found and not named:
            message = "no state machine beside the template has the content that the key names"
            findings.report(
                catalog.DEFINITION_FILE,
                ("DefinitionS3Location", "Key"),
                message,
                "compile again: the template or the state machine is stale",
            )
            found = beside if len(beside) == 1 else []
    else:
        found = named
    for each in found or named:
        _check_filled(findings, properties, each.findings.value, ("DefinitionS3Location",))
