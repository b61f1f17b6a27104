"""Judge the table of a switch: its keys, its targets, the artifact that decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Label
from flowc.frontend.transitions.call import Judged, reason_of
from flowc.ir.graph import Arm, Goto, key_of
from flowc.ir.values import Const, EnvRef, Unknown
from flowc.records import replace
from flowc.source import Located

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.frontend.body.next import Case, Table
    from flowc.frontend.transitions.call import Judge
    from flowc.ir.values import Constant


def switch(judge: Judge, table: Table) -> Judged:
    """The arms of a call with a table."""
    keyword = judge.keywords.get("condition")
    condition: Located[str] | None = None
    if keyword is None:
        judge.report(
            catalog.SWITCH_WITHOUT_CONDITION,
            table.span,
            "a table of cases comes without `condition=`",
            ["add the name of the artifact that decides: `condition='kind'`"],
        )
    else:
        name = judge.artifact_name(keyword, catalog.CONDITION_NAME, strict=True)
        condition = Located(name, keyword.span) if name else None
    arms = _arms(judge, table)
    return Judged(arms, condition, judge.sound, tuple(judge.meant))


def _arms(judge: Judge, table: Table) -> tuple[Arm, ...]:
    if table.cases is None:
        judge.report(
            catalog.SWITCH_TABLE,
            table.span,
            "the table of a switch cannot be read without running the step",
            ["write it out: `{'small': self.fit_small, 'large': self.fit_large}`"],
        )
        return ()
    rows = _rows(judge, table.cases)
    if judge.sound and len(rows) < 2:
        judge.report(
            catalog.SWITCH_CASES,
            table.span,
            f"a switch needs at least two cases, and has {len(rows) or 'none'}",
            ["go there without a switch: `self.next(self.step)`"],
        )
    arms: dict[str, Arm] = {}
    for constant, target in rows:
        then = Goto(target)
        key = key_of(then)
        if key not in arms:
            arms[key] = Arm(key=key, then=then, spans=(judge.call.span,))
        if constant is not None:
            arms[key] = replace(arms[key], cases=(*arms[key].cases, constant))
    return tuple(arms.values())


def _rows(judge: Judge, cases: Sequence[Case]) -> list[tuple[Located[Constant] | None, Located[str]]]:
    """Keys and targets; of two rows with one key the last counts, as in Python."""
    found: dict[object, tuple[Located[Constant] | None, Located[str]]] = {}
    for case in cases:
        key = _key(judge, case)
        target = judge.target(case.target)
        if key is None or target is None:
            continue
        identity, constant = key
        before = found.get(identity)
        if before is not None:
            judge.sink.report(
                catalog.DUPLICATE_CASE,
                case.key_span,
                f"the key `{case.key_span.text}` stands in the table twice; only this one counts",
                secondary=[Label(before[1].span, "never taken")],
                helps=["remove one of them, or give it a key of its own"],
            )
        found[identity] = (constant, target)
    return list(found.values())


def _key(judge: Judge, case: Case) -> tuple[object, Located[Constant] | None] | None:
    """What makes a key the same as another, and its value where it is known."""
    value = case.key
    if isinstance(value, Const):
        if value.value is None or isinstance(value.value, (str, bytes, int, float, tuple)):
            return value.value, Located(value.value, case.key_span)
    elif not isinstance(value, (Unknown, EnvRef)):
        return case.key_span.text, None
    judge.report(
        catalog.SWITCH_TABLE,
        case.key_span,
        f"the key `{case.key_span.text}` is not static: {reason_of(value, case.key_span)}",
        ["use text, numbers, constants of the module or values of a `Config` as keys"],
    )
    return None
