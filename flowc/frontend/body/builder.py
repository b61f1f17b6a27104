"""The machine that reads a method's body: a draft graph, a stack of what is still to be read, scopes.

Nothing recurses, since expressions and `elif` chains nest as deep as their author likes: `do` puts
nodes and actions on a stack, to be carried out in order. Modules beside this one say what each
statement and expression puts there.

Invariant: code that cannot be reached leaves no events.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from flowc.frontend.body.draft import Decision, Draft, Via
from flowc.frontend.body.flow_class import SHADOWING, Runs
from flowc.frontend.body.frames import Exit, Inlined, caught_by, way_out
from flowc.frontend.body.locals import LocalNames
from flowc.frontend.body.names import Kind, Ref, agree
from flowc.frontend.project.bindings import children
from flowc.ir.body import Call, Ending, Escape
from flowc.ir.values import Const, Shape, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowc.frontend.body.flow_class import ClassContext
    from flowc.frontend.body.frames import Frame
    from flowc.frontend.project.module import Module
    from flowc.ir.body import Event, Write
    from flowc.ir.values import Value
    from flowc.source import Node, Span

    Visitor = Callable[["Builder", Any], None]
    Work = ast.AST | Callable[[], object]
    Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_MUTABLE = (list, dict, set)


class Builder:
    """Reads one method. `function` is its `def`; `context` what is known of the flow's class."""

    def __init__(
        self,
        context: ClassContext,
        module: Module,
        owner: ast.ClassDef | None,
        function: ast.FunctionDef | ast.AsyncFunctionDef,
        visitors: Mapping[type[ast.AST], Visitor],
    ) -> None:
        self.context = context
        self.module = module
        self.owner = owner
        self.function = function
        self.names = LocalNames(function)
        self.draft = Draft()
        self.frames: list[Frame] = []
        self.scopes: list[dict[str, Ref | None]] = [{}]
        self.values: dict[str, Value] = {}
        self.exprs: dict[str, ast.expr] = {}  # what names bound once were assigned
        self.choices: dict[str, tuple[Value, ...]] = {}  # what a loop's name goes through
        self.followed = {"self"}  # names that stood for something
        self.guards = 0  # enclosing `try` bodies that catch AttributeError
        self.deferred = 0  # > 0: in a function that may be called at another time, or never
        self.depth = 0  # enclosing branches, loops and `try` bodies
        self.handed: set[Function] = set()  # functions defined here that were given to other code
        self.inlined = 0  # calls of functions defined here that were read
        self.finals = 0  # enclosing `finally` bodies
        self.self_name = ""
        self.shadowed: list[tuple[str, Span]] = []  # artifacts called like a step, or like FlowSpec's own
        self.outside: list[Span] = []  # `self.next` in functions defined here
        self.calls: dict[str, Span] = {}  # methods called, and where first
        self.called_steps: list[tuple[str, Span]] = []  # steps called like functions
        self.misspelt: list[Span] = []  # `nxt` of a `self.nxt(self.step)`
        self.imported: dict[str, str] = {}  # names that imports inside the method bind, and what they mean
        self.probed: set[str] = set()  # artifacts of inputs asked for by `hasattr`
        self._visitors = visitors
        self._work: list[Work] = []
        self._just_cut = -1
        self._held: set[str] = set()  # artifacts whose values are known at this point

    def run(self) -> None:
        """Read the whole body."""
        self.do(*self.function.body)
        work, visitors = self._work, self._visitors
        while work:
            entry = work.pop()
            if not isinstance(entry, ast.AST):
                entry()
            elif self.draft.at is not None:
                visitor = visitors.get(type(entry))
                if visitor is None:
                    self.do(*children(entry))
                else:
                    visitor(self, entry)
        self.draft.end(Ending.RETURN)

    def do(self, *entries: Work) -> None:
        """Carry these out next, in this order."""
        self._work.extend(reversed(entries))

    # ------------------------------------------------------------------ events and edges
    def span(self, node: Node) -> Span:
        """The place of a node of this method."""
        return self.module.span(node)

    def emit(self, event: Event) -> None:
        """Record an event; in a `try` the handlers may be entered before it."""
        self.cut()
        self.draft.emit(event)

    def cut(self) -> None:
        """In a `try`: from here the handlers may be entered, with all that was done so far."""
        draft = self.draft
        if draft.at is None or not self.frames:
            return
        handlers = caught_by(self.frames, self.draft.block)
        if handlers is None or (draft.at == self._just_cut and not draft.blocks[draft.at].events):
            return
        following = draft.block()
        draft.edge(handlers, None, Via.RAISED)
        draft.go(following)
        draft.start(following)
        self._just_cut = following

    def escape(self, node: ast.expr | ast.stmt, reason: str) -> None:
        """Say that code here may do anything to the flow's artifacts."""
        self.emit(Escape(self.span(node), reason))

    def decide(self, node: Node, text: str) -> Decision:
        """What an edge out of `node` means."""
        return Decision(self.span(node), text)

    @property
    def guarded(self) -> bool:
        """Whether a read here may fail without harm, or may never happen."""
        return self.guards > 0 or self.deferred > 0

    def write(self, event: Write) -> None:
        """Record an assignment. Outside branches and loops its value holds until the next one."""
        if event.name in self.context.steps or event.name in SHADOWING:
            self.shadowed.append((event.name, event.span))
        if self.deferred:
            self.emit(Escape(event.span, f"`{event.name}` is assigned by a function that is handed on"))
            return
        self.emit(event)
        self.forget(event.name)
        if self.depth == 0 and self.draft.at is not None:
            self.values[f"{self.self_name}.{event.name}"] = event.value
            self._held.add(event.name)

    def forget(self, name: str) -> None:
        """No longer rely on the value of an artifact."""
        self._held.discard(name)
        self.values.pop(f"{self.self_name}.{name}", None)

    def forget_all(self) -> None:
        """Other code may have assigned anything."""
        for name in list(self._held):
            self.forget(name)

    def call(self, key: str, span: Span) -> None:
        """Record a call of a method of the class; `key` names its body."""
        runs = self.context.runs(key)
        if runs is Runs.NOW:
            self._record_call(key, span)
            return
        self.maybe_call(key, span)
        if runs is Runs.UNSEEN:
            self.emit(Escape(span, f"a decorator of `{key}` decides what a call does"))

    def _record_call(self, key: str, span: Span) -> None:
        self.forget_all()
        self.calls.setdefault(key, span)
        self.emit(Call(key, span))

    def maybe_call(self, key: str, span: Span) -> None:
        """A method handed to other code: it may be called, or not."""
        called, after = self.draft.block(), self.draft.block()
        self.draft.edge(after)
        self.draft.go(called)
        self.draft.start(called)
        self._record_call(key, span)
        self.draft.go(after)
        self.draft.start(after)

    @property
    def is_nested(self) -> bool:
        """Whether what is read stands in a function defined in the method."""
        return self.deferred > 0 or any(isinstance(frame, Inlined) for frame in self.frames)

    # ------------------------------------------------------------------ nesting
    def enter(self, block: int) -> None:
        """Begin a branch or the body of a loop."""
        self.depth += 1
        self.draft.start(block)

    def join(self, after: int) -> None:
        """End it, going on at `after`."""
        self.depth -= 1
        self.draft.go(after)

    def down(self) -> None:
        """Begin statements that may be cut short."""
        self.depth += 1

    def up(self) -> None:
        """End them."""
        self.depth -= 1

    def end_final(self) -> None:
        """The last copy of a `finally` was read."""
        self.finals -= 1

    # ------------------------------------------------------------------ leaving
    def leave(self, way: Exit) -> None:
        """Leave the enclosing statements: through every `finally`, to where the way ends."""
        target = way_out(self.frames, way, self.draft.block)
        if target is not None:
            self.draft.go(target)
        else:
            self.draft.end(Ending.RETURN if way.kind == Exit.RETURN else Ending.RAISE, way.span)

    # ------------------------------------------------------------------ names
    def lookup(self, name: str) -> Ref | None:
        """What a name stands for here."""
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None

    def is_local(self, name: str) -> bool:
        """Whether the method itself gives the name a meaning, so that a builtin or a module is not meant."""
        return name in self.names.bound or any(name in scope for scope in self.scopes)

    def bind(self, name: str, ref: Ref | None, node: ast.expr | ast.stmt) -> None:
        """Let a name stand for `ref` from here on."""
        scope = self.scopes[-1]
        if len(self.scopes) == 1 and self.names.bound.get(name, 0) > 1:
            if ref is not None and ref.kind is Kind.SELF and self.scopes[0].get(name) != ref:
                self.escape(node, f"`{name}` is the flow on some paths")
                ref = None
            ref = agree(scope[name], ref) if name in scope else ref
        scope[name] = ref
        if ref is not None:
            self.followed.add(name)

    def set_value(self, name: str, expr: ast.expr) -> None:
        """Remember what a name bound once was assigned."""
        if len(self.scopes) > 1 or self.names.bound.get(name) != 1:
            return
        self.exprs[name] = expr
        value = self.fold(expr)
        match value:
            case Const(value=constant) if isinstance(constant, _MUTABLE) and name in self.names.touched:
                value = Shape(type(constant).__name__)
            case Shape(kind=kind) if name in self.names.touched:
                value = Shape(kind)
            case _:
                pass
        self.values[name] = value

    def fold(self, expr: ast.expr, values: Mapping[str, Value] | None = None) -> Value:
        """The value of an expression, as far as it is known statically."""
        known = {**self.values, **values} if values else self.values
        return self.context.folder.fold(expr, self.module, None, known)

    def texts(self, expr: ast.expr) -> tuple[str, ...] | None:
        """The texts that an expression may be, where a constant or a loop over constants gives them."""
        folded = [self.fold(expr)]
        if not isinstance(folded[0], Const):
            names = {n.id for n in ast.walk(expr) if isinstance(n, ast.Name)} & self.choices.keys()
            if len(names) != 1:
                return None
            (name,) = names
            folded = [self.fold(expr, {name: value}) for value in self.choices[name]]
        texts = tuple(v.value for v in folded if isinstance(v, Const) and isinstance(v.value, str))
        return texts if len(texts) == len(folded) else None

    def mangled(self, name: str) -> str:
        """A name as Python stores it: `__x` belongs to the class that writes it."""
        if self.owner is None or not name.startswith("__") or name.endswith("__"):
            return name
        return f"_{self.owner.name.lstrip('_')}{name}"

    def unknown(self, node: ast.expr | ast.stmt, reason: str) -> Unknown:
        """A value that only running code gives."""
        return Unknown(self.span(node), reason)
