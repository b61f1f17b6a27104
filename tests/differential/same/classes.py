"""Flows made of bases, mixins, properties and a constructor of their own."""

# differs: *.flag *.COLORS *.shared *.late
from metaflow import FlowSpec, Parameter, step


class Mixin:
    shared = {"from": "mixin"}

    def helper(self, value):
        self.helped = value
        return value * 2

    @property
    def doubled(self):
        return self.number * 2

    @staticmethod
    def fixed():
        return "fixed"

    @classmethod
    def made(cls):
        return cls.__name__


class Base(Mixin, FlowSpec):
    base_parameter = Parameter("base_parameter", default="b")
    COLORS = ["red", "green"]
    flag = 1

    @step
    def start(self):
        self.number = 21
        self.from_base = True
        self.counted += 10
        self.next(self.middle)

    @step
    def middle(self):
        self.which = "base"
        self.next(self.end)

    @step
    def end(self):
        self.ended = "base"


class Classes(Base):
    flag = 2
    late = tuple(c.upper() for c in Base.COLORS)

    def __init__(self, use_cli=True):
        self.in_init = 1
        self.counted = 1
        super().__init__(use_cli=use_cli)
        self.after_super = 1

    @property
    def settable(self):
        return self._settable

    @settable.setter
    def settable(self, value):
        self._settable = value + 1

    @step
    def middle(self):
        self.which = "own"
        self.seen = (
            self.doubled,
            self.fixed(),
            self.made(),
            self.helper(4),
            self.flag,
            self.late,
            self.COLORS,
        )
        self.settable = 4
        self.read_back = self.settable
        self.has_init = (self.in_init, hasattr(self, "after_super"))
        self.class_name = type(self).__name__
        self.mro = [c.__name__ for c in type(self).__mro__][:4]
        self.shared_is = self.shared["from"]
        self.steps = sorted(f.__name__ for f in self)
        self.method = self.helper
        self.function = lambda: 1
        self.next(self.end)

    @step
    def end(self):
        super().end()
        self.ended_too = (
            self.ended,
            self.settable,
            self.helped,
            hasattr(self, "function"),
            hasattr(self, "method"),
        )
        self.base_too = self.base_parameter


if __name__ == "__main__":
    Classes()
