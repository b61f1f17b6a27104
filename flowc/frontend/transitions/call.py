"""Judge one `self.next` call: the arms it may take, or what is wrong with it.

Metaflow's five forms, and nothing that could mean two things. Everything wrong with a call is
reported at once; a call with a fault gives the arms that it has whatever mends it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc.diagnostics import catalog
from flowc.diagnostics.model import Edit, Fix, Label
from flowc.diagnostics.suggest import did_you_mean, nearest
from flowc.diagnostics.wording import listed, shortened
from flowc.frontend.flow.steps import MAYBE_IN_BASE
from flowc.frontend.project.places import name_span
from flowc.ir.graph import Arm, Foreach, Fork, Gang, Goto, key_of
from flowc.ir.values import Const, EnvRef, Unknown
from flowc.source import Located

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.diagnostics.model import Rule, Sink
    from flowc.frontend.body.flow_class import ClassContext
    from flowc.frontend.body.next import Argument, Keyword, NextDecl
    from flowc.ir.graph import Simple
    from flowc.source import Span

_KEYWORDS = ("foreach", "num_parallel", "condition")


class Judged(NamedTuple):
    """The arms of one call; `condition` is the artifact of a switch.

    After a report it is not `sound`, and `meant` are the steps that its wrong targets seem to be,
    "" for one that may be no step yet.
    """

    arms: tuple[Arm, ...]
    condition: Located[str] | None = None
    sound: bool = True
    meant: tuple[str, ...] = ()


def judge(step: str, call: NextDecl, context: ClassContext, sink: Sink) -> Judged:
    """The arms of a call in `step`."""
    return Judge(step, call, context, sink).judged()


class Judge:
    """One call, and where its faults go."""

    def __init__(self, step: str, call: NextDecl, context: ClassContext, sink: Sink) -> None:
        self.step = step
        self.call = call
        self.context = context
        self.sink = sink
        self.keywords = {keyword.name: keyword for keyword in call.keywords}
        self.sound = True
        self.meant: list[str] = []

    def report(
        self,
        rule: Rule,
        where: Span | Label,
        message: str,
        helps: Sequence[str] = (),
        fix: Fix | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        """Report a fault, which leaves the call without arms."""
        self.sound = False
        self.sink.report(rule, where, message, helps=helps, fix=fix, notes=notes)

    def judged(self) -> Judged:
        """The arms of the call."""
        self._check_unread()
        self._check_keywords()
        if self.call.table is not None:
            from flowc.frontend.transitions.switch import switch

            return switch(self, self.call.table)
        targets = self._targets(self.call.arguments)
        known = self._has_form() if self.sound else self._is_split_of(targets)
        arms = (self._arm(targets),) if known else ()
        return Judged(arms, sound=self.sound, meant=tuple(self.meant))

    def _check_unread(self) -> None:
        if self.call.unread is not None:
            self.report(
                catalog.INVALID_TARGET,
                self.call.unread,
                f"`{self.call.unread.text}` cannot be known without running the step",
                ["write the steps out: `self.next(self.a, self.b)`"],
            )

    def _check_keywords(self) -> None:
        for keyword in self.call.keywords:
            if keyword.name not in _KEYWORDS:
                self.report(
                    catalog.UNKNOWN_KEYWORD,
                    keyword.whole,
                    f"`self.next` has no keyword `{keyword.name}`",
                    did_you_mean(keyword.name, _KEYWORDS)
                    or ["it takes `foreach`, `num_parallel` or `condition`"],
                )
        given = [name for name in _KEYWORDS if name in self.keywords]
        if len(given) > 1:
            self.report(
                catalog.COMBINED_KEYWORDS,
                Label(self.keywords[given[1]].whole),
                f"{listed(given)} cannot be combined in one `self.next`",
                ["give each transition a step of its own"],
            )

    # ------------------------------------------------------------------ targets
    def _targets(self, arguments: Sequence[Argument]) -> list[Located[str]]:
        if not arguments and self.call.unread is None:
            self.report(
                catalog.EMPTY_NEXT,
                self.call.span,
                f"`self.next` in `{self.step}` names no step",
                ["name the step that follows: `self.next(self.end)`"],
            )
        found = [target for argument in arguments if (target := self.target(argument)) is not None]
        seen: dict[str, Span] = {}
        for target in found:
            if target.value in seen:
                self.sound = False
                self.sink.report(
                    catalog.DUPLICATE_TARGET,
                    target.span,
                    f"the split names the step `{target.value}` twice",
                    secondary=[Label(seen[target.value], "named before")],
                    helps=["run a step several times side by side with `foreach` or `num_parallel`"],
                )
            seen.setdefault(target.value, target.span)
        return found

    def target(self, argument: Argument) -> Located[str] | None:
        """The step that an argument names; None after a report."""
        name = argument.attribute
        if name is None:
            text = shortened(" ".join(argument.span.text.split()), 60)
            self.report(
                catalog.INVALID_TARGET,
                argument.span,
                f"`{text}` {argument.problem}",
                ["the arguments of `self.next` are steps: `self.next(self.train)`"],
            )
            self.meant.append("")
            return None
        if name in self.context.steps:
            return Located(name, argument.span)
        self._report_unknown(name, argument.span)
        return None

    def _report_unknown(self, name: str, span: Span) -> None:
        method, attribute = self.context.methods.get(name), self.context.attributes.get(name)
        if method is not None:
            decorated = method.function.decorator_list
            self._report_no_step(
                span,
                f"`{name}` is a method without `@step`",
                Label(name_span(method.module, method.function), "defined here"),
                f"put `@step` above `def {name}`",
                f"`@step` must stand in the class: a decorator that applies it is not followed, such as "
                f"`@{method.module.span(decorated[-1]).text}`"
                if decorated
                else None,
            )
            return
        if attribute is not None:
            self._report_no_step(
                span,
                f"`{name}` is an attribute of the class, and not a method with `@step`",
                Label(attribute.span, "assigned here"),
                f"write the step out in the class: `@step` above `def {name}(self)`",
                "only running the flow would tell whether it is a step",
            )
            return
        meant = nearest(name, self.context.steps)
        self.meant.append(meant or "")
        fix = None
        if meant and span.text.endswith(f".{name}"):
            end = span.end
            edit = Edit(type(span)(span.file, end - len(name), end), meant)
            fix = Fix(f"replace `{name}` by `{meant}`", (edit,))
        known = ", ".join(f"`{step}`" for step in list(self.context.steps)[:8])
        self.report(
            catalog.UNKNOWN_STEP,
            span,
            f"the flow has no step `{name}`",
            [f"did you mean `{meant}`?"]
            if meant
            else [f"its steps: {known}{', …' if len(self.context.steps) > 8 else ''}"],
            fix,
            notes=() if self.context.decl.complete else (MAYBE_IN_BASE,),
        )

    def _report_no_step(self, span: Span, message: str, place: Label, cure: str, note: str | None) -> None:
        self.sound = False
        self.meant.append("")
        notes = [note] if note else []
        self.sink.report(catalog.TARGET_NOT_STEP, span, message, secondary=[place], notes=notes, helps=[cure])

    # ------------------------------------------------------------------ without a table
    def _has_form(self) -> bool:
        """Whether targets and keywords go together."""
        condition = self.keywords.get("condition")
        if condition is not None:
            self.report(
                catalog.SWITCH_TABLE,
                condition.whole,
                "`condition=` comes with a table of cases, and there is none",
                [f"write `self.next({{'one': self.a, 'two': self.b}}, {condition.whole.text})`"],
            )
        split = self.keywords.get("foreach") or self.keywords.get("num_parallel")
        if split is not None and len(self.call.arguments) > 1:
            self.report(
                catalog.SEVERAL_FOREACH_TARGETS,
                split.whole,
                f"`{split.name}` has {len(self.call.arguments)} targets; it takes one",
                ["go to one step, which may itself split into the others"],
            )
        return self.sound

    def _is_split_of(self, targets: Sequence[Located[str]]) -> bool:
        """Whether a call with a fault splits to these steps at least, whatever mends the rest of it."""
        call = self.call
        plain = not call.keywords and call.unread is None
        return plain and len({target.value for target in targets}) == len(targets) > 1

    def _arm(self, targets: Sequence[Located[str]]) -> Arm:
        then = self._simple(targets)
        return Arm(key=key_of(then), then=then, spans=(self.call.span,))

    def _simple(self, targets: Sequence[Located[str]]) -> Simple:
        first = targets[0]
        foreach, gang = self.keywords.get("foreach"), self.keywords.get("num_parallel")
        if foreach is not None:
            return Foreach(first, self._items(foreach))
        if gang is not None:
            self._check_size(gang)
            return Gang(first, Located(gang.value, gang.span))
        if len(targets) > 1:
            return Fork(tuple(targets))
        return Goto(first)

    def _items(self, keyword: Keyword) -> tuple[Located[str], ...]:
        """The artifact of a foreach; none where only the running step knows its name."""
        name = self.artifact_name(keyword, catalog.FOREACH_NAME, strict=False)
        return (Located(name, keyword.span),) if name else ()

    def artifact_name(self, keyword: Keyword, rule: Rule, *, strict: bool) -> str | None:
        """The artifact that a keyword names. `strict`: it must be known here, not only to the running step."""
        match keyword.value:
            case Const(value=str(name)) if name.isidentifier() and not (strict and keyword.attribute):
                return name
        from flowc.frontend.transitions.keywords import report_artifact_name

        report_artifact_name(self, keyword, rule, strict=strict)
        return None

    def _check_size(self, keyword: Keyword) -> None:
        match keyword.value:
            case Const(value=bool()):
                pass
            case Const(value=int(size)) if size >= 1:
                return
            case Const():
                pass
            case _:
                return
        from flowc.frontend.transitions.keywords import report_size

        report_size(self, keyword)


def reason_of(value: object, span: Span) -> str:
    """Why the value at `span` is not known before the flow runs, in words that follow a colon."""
    match value:
        case Unknown(reason=reason):
            return reason
        case EnvRef(name=name):
            return f"it depends on the environment variable `{name}`"
        case _:
            return f"`{span.text}` is known only when the flow runs"
