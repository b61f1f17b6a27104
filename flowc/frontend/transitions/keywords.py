"""What is wrong with the value of a keyword of `self.next` (FC207, FC210, FC216).

Imported where something is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Edit, Fix
from flowc.frontend.transitions.call import reason_of
from flowc.ir.values import Const, Shape, Unknown

if TYPE_CHECKING:
    from flowc.diagnostics.model import Rule
    from flowc.frontend.body.next import Keyword
    from flowc.frontend.transitions.call import Judge

_PURPOSE = {"foreach": "iterate over", "condition": "switch on"}


def report_artifact_name(judge: Judge, keyword: Keyword, rule: Rule, *, strict: bool) -> None:
    """Report a `foreach` or `condition` that names no artifact; one not known here only if it must be."""
    value, attribute = keyword.value, keyword.attribute
    if attribute is not None and isinstance(value, (Unknown, Shape, Const)):
        _report_value_of(judge, keyword, attribute, rule)
    elif isinstance(value, Const):
        hint = str(value.value).removeprefix("self.")
        better = hint if hint.isidentifier() else "xs"
        judge.report(
            rule,
            keyword.span,
            f"`{keyword.span.text}` is not the name of an artifact",
            [f"give the name of the artifact to {_PURPOSE[keyword.name]}: `{keyword.name}='{better}'`"],
        )
    elif strict:
        judge.report(
            rule,
            keyword.span,
            f"the artifact to {_PURPOSE[keyword.name]} cannot be known: {reason_of(value, keyword.span)}",
            [f"give its name as text: `{keyword.name}='kind'`"],
        )


def _report_value_of(judge: Judge, keyword: Keyword, attribute: str, rule: Rule) -> None:
    """`foreach=self.xs`; with a constant text in `self.xs`, that may be the name which is meant."""
    message = f"`{keyword.name}` is given the value of `{keyword.span.text}`; it takes the artifact's name"
    help_text = f"write `{keyword.name}='{attribute}'`"
    match keyword.value:
        case Const(value=str(text)) if text.isidentifier():
            judge.report(rule, keyword.span, message, [f"{help_text}, or `{keyword.name}='{text}'`"])
        case _:
            fix = Fix(f"write the name `'{attribute}'`", (Edit(keyword.span, f"'{attribute}'"),))
            judge.report(rule, keyword.span, message, [help_text], fix)


def report_size(judge: Judge, keyword: Keyword) -> None:
    """Report a constant that is no number of tasks."""
    size = keyword.value.value if isinstance(keyword.value, Const) else None
    judge.report(
        catalog.GANG_SIZE,
        keyword.span,
        f"`num_parallel` is {size!r}, and must be a whole number of at least 1",
        ["give the number of tasks to run at once"],
    )
