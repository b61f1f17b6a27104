"""The state machine that a template deploys: written in it, or in a file beside it.

Every `${name}` of a definition is filled by `DefinitionSubstitutions`; a definition in S3 is the
file of the same folder whose content its key names by sha256, as flowc writes it.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Severity, Sink
from flowc.diagnostics.suggest import did_you_mean
from flowc.manifest.digest import sha256_hex
from flowc.manifest.placed.json import JSONFaultError, read_json
from flowc.source import SourceFile
from flowc.validate.asl.machine import check_machine
from flowc.validate.cloudformation.texts import Written, with_numbers, written_texts
from flowc.validate.findings import Findings
from flowc.validate.kinds import MACHINE
from flowc.validate.parts import Mapping, mapping, text, texts

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Document, Path
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
    is_express = properties.get("StateMachineType", properties.get("Type")) == "EXPRESS"
    definition = properties.get("Definition")
    if isinstance(definition, dict) and "States" in definition:
        check_machine(findings.below("Definition"), is_express=is_express)
        _check_filled(findings, properties, definition, ("Definition",))
    for written in written_texts(properties.get("DefinitionString"), ("DefinitionString",)):
        _check_text(findings, written, properties, is_express=is_express)
    if isinstance(properties.get("DefinitionS3Location"), dict):
        _check_file(known, findings, properties, collection)
    for key in ("DefinitionS3Location", "DefinitionUri"):
        if isinstance(properties.get(key), str):
            _check_local(known, findings, properties, key, collection)


def _check_text(findings: Findings, written: Written, properties: Mapping, *, is_express: bool) -> None:
    """A definition written as JSON in a text: its faults are shown in the text, where it stands as it is read."""
    file = SourceFile(findings.document.file.path, written.text, findings.document.file.root)
    try:
        document = _read(file)
    except JSONFaultError as fault:
        message = f"the definition is not valid JSON: {fault.reason}"
        part = (fault.offset, fault.offset + 1) if written.is_exact else None
        findings.report(
            catalog.UNREADABLE_MANIFEST,
            written.path,
            message + _place(file, fault.offset),
            "repair the JSON",
            part=part,
        )
        return
    own = Sink()
    check_machine(Findings(document, own), is_express=is_express)
    for each in own:
        span = each.primary.span
        part = (span.start, span.end) if written.is_exact else None
        findings.report(
            each.rule,
            written.path,
            each.message + _place(file, span.start),
            *each.helps,
            severity=each.severity,
            at_key=part is None,
            part=part,
        )
    if not written.is_filled:
        _check_filled(findings, properties, document.value, written.path)


def _read(file: SourceFile) -> Document:
    try:
        return read_json(file, lambda *_: None)
    except JSONFaultError:
        # What a stack fills in may be a number, and then stands without quotes.
        filled = with_numbers(file.text)
        if filled == file.text:
            raise
        return read_json(SourceFile(file.path, filled, file.root), lambda *_: None)


def _place(file: SourceFile, offset: int) -> str:
    line, column = file.place(offset)
    return f" (line {line}, column {column} of the text)"


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


def _check_local(
    known: Known, findings: Findings, properties: Mapping, key: str, collection: Collection
) -> None:
    """A definition that a tool packs from a file: the file is looked for among those given."""
    path = posixpath.normpath(posixpath.join(known.folder, text(properties[key])))
    for each in collection.known:
        if each.kind == MACHINE and each.findings.document.file.path == path:
            _check_filled(findings, properties, each.findings.value, (key,))


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
