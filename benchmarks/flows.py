"""Flows of any size, as source text."""

from __future__ import annotations

_HEADER = """\
from metaflow import FlowSpec, step


class {name}(FlowSpec):
"""


def chain(steps: int, name: str = "Chain") -> str:
    """`steps` plain steps in a row, the first and the last included."""
    parts = [_HEADER.format(name=name)]
    names = ["start", *(f"s{i:05d}" for i in range(1, steps - 1)), "end"]
    for index, step in enumerate(names):
        parts.append(f"    @step\n    def {step}(self):\n")
        if index == 0:
            parts.append("        self.x = 0\n")
        else:
            parts.append("        self.x += 1\n")
        if index < len(names) - 1:
            parts.append(f"        self.next(self.{names[index + 1]})\n")
        parts.append("\n")
    return "".join(parts)


def diamonds(count: int, name: str = "Diamonds") -> str:
    """`count` splits of two arms, each joined before the next."""
    parts = [_HEADER.format(name=name)]
    parts.append("    @step\n    def start(self):\n        self.next(self.a0, self.b0)\n\n")
    for i in range(count):
        parts.extend(
            f"    @step\n    def {arm}{i}(self):\n        self.next(self.j{i})\n\n" for arm in ("a", "b")
        )
        then = f"self.a{i + 1}, self.b{i + 1}" if i < count - 1 else "self.end"
        parts.append(f"    @step\n    def j{i}(self, inputs):\n        self.next(self.h{i})\n\n")
        parts.append(f"    @step\n    def h{i}(self):\n        self.next({then})\n\n")
    parts.append("    @step\n    def end(self):\n        pass\n")
    return "".join(parts)
