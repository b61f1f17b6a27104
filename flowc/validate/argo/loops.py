"""Loops of a task or step: one at most, over a list or a sequence that can be counted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.validate.argo.tags import is_dynamic
from flowc.validate.parts import Mapping, is_below, mapping, number, text

if TYPE_CHECKING:
    from flowc.validate.findings import Findings

LOOPS = ("withItems", "withParam", "withSequence")


def check_loop(at: Findings, holder: Mapping, caller: str) -> None:
    """Report FC704, FC705 and FC721 for the loop of a task or step, which stands at `at`."""
    loops = [key for key in LOOPS if holder.get(key)]
    if len(loops) > 1:
        at.report(
            catalog.EXCLUSIVE_FIELDS,
            (loops[1],),
            f"{caller} loops twice: `{loops[0]}` and `{loops[1]}`",
            "keep one of the two",
            at_key=True,
        )
    written = text(holder.get("withParam"))
    if written and not is_dynamic(written) and not _is_list(written):
        message = f"`withParam` of {caller} is no list in JSON"
        at.report(
            catalog.FIELD_VALUE, ("withParam",), message, 'write a list, as `[1, "b"]`, or a reference to one'
        )
    if isinstance(holder.get("withSequence"), dict):
        _check_sequence(at, mapping(holder["withSequence"]), caller)


def _is_list(written: str) -> bool:
    try:
        return isinstance(json.loads(written), list)
    except (ValueError, RecursionError):
        return False


def _check_sequence(at: Findings, sequence: Mapping, caller: str) -> None:
    if sequence.get("count") is None and sequence.get("end") is None:
        message = f"the sequence of {caller} has no end"
        at.report(catalog.MISSING_FIELD, ("withSequence",), message, "add `count` or `end`", at_key=True)
    if sequence.get("count") is not None and sequence.get("end") is not None:
        at.report(
            catalog.EXCLUSIVE_FIELDS,
            ("withSequence", "end"),
            f"the sequence of {caller} has both `count` and `end`",
            "keep one of the two",
            at_key=True,
        )
    for key in ("count", "start", "end"):
        value = sequence.get(key)
        if isinstance(value, str) and not is_dynamic(value) and number(value) is None:
            at.report(
                catalog.FIELD_VALUE,
                ("withSequence", key),
                f"`{value}` is no whole number",
                f"`{key}` of a sequence is one",
            )
    if is_below(sequence.get("count"), 0):
        at.report(
            catalog.FIELD_VALUE,
            ("withSequence", "count"),
            f"{caller} cannot run {sequence['count']} times",
            "`count` is 0 or more",
        )
