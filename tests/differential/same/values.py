"""Artifacts of every kind, changed, deleted and asked for."""

# differs: middle.called middle.name end.called end.name
import datetime
import decimal
import math

from metaflow import FlowSpec, step


class Point:
    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return self.x == other.x


class Values(FlowSpec):
    @step
    def start(self):
        import numpy

        self.nothing = None
        self.truth = True
        self.big = 2**4000
        self.floats = [math.inf, -0.0, math.nan, 5e-324]
        self.text = "naïve \N{SNOWMAN} \U0001f600 \x00 {{x}} $(y)"
        self.surrogate = "\udc80"
        self.raw = bytes(range(256))
        self.nested = {"a": [1, (2, {3})], 4: None, (5, 6): {"b": b""}}
        self.endless = [1]
        self.endless.append(self.endless)
        self.when = datetime.datetime(2024, 2, 29, tzinfo=datetime.timezone.utc)
        self.money = decimal.Decimal("1.10")
        self.kind = int
        self.missing = ...
        self.array = numpy.arange(6, dtype="int16").reshape(2, 3)
        self.scalar = numpy.float32(1.5)
        self.empty = numpy.zeros((0, 3))
        self.objects = numpy.array([{"a": 1}, None], dtype=object)
        self.same = self.also_same = [1]
        self._private = "kept?"
        self.name = "not the flow's"
        self.x_ = self.X = self.__class__.__name__
        self.größe = 1
        self.gone = 1
        self.replaced = 1
        self.changed = [1]
        self.left_alone = [1]
        point = Point(3)
        self.point = point.x
        self.next(self.middle)

    @step
    def middle(self):
        self.changed.append(2)
        self.array[0, 0] = 99
        self.same.append(2)
        self.nested["a"][1][1].add(4)
        try:
            del self.gone  # what an earlier step left cannot be deleted before it is loaded
        except AttributeError as error:
            self.gone_error = str(error)
        self.replaced = "again"
        del self.replaced
        self.left_alone
        del self.left_alone
        self.new = 1
        del self.new
        self.endless_is_itself = self.endless[1] is self.endless
        self.same_object = self.same is self.also_same
        self.seen = [
            hasattr(self, n) for n in ("gone", "nothing", "never", "_private", "step", "input", "index")
        ]
        self.getattr_default = getattr(self, "never", "default")
        self.called = self.name
        setattr(self, "by setattr", 1)
        self.next(self.end)

    @step
    def end(self):
        self.seen_at_end = [hasattr(self, n) for n in ("gone", "replaced", "new", "left_alone", "by setattr")]
        self.none_is_none = self.nothing is None
        try:
            self.never
        except AttributeError as error:
            self.error = type(error).__name__


if __name__ == "__main__":
    Values()
