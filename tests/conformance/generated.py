"""Flows that are too large, or too odd, to be written by hand: each function gives a flow's text.

Invariant: what arrives is judged by the step that receives it, against the values in its source, so
that a world that damages a value fails there, whatever the others make of it.
"""

from __future__ import annotations

import json
from typing import NamedTuple

# Texts that some reader on the way could take for more than text: YAML, Go and Jinja templates, shells,
# JSONata, CloudFormation, Batch, Kubernetes, terminals.
TEXTS = (
    *(
        "",
        " ",
        " before",
        "after ",
        "\n",
        "a\nb\n",
        "\r\n",
        "\t",
        "-",
        "--help",
        "- x",
        "# x",
        "key: value",
        "=",
    ),
    *(
        "y",
        "NO",
        "on",
        "null",
        "~",
        "true",
        "1e3",
        "08",
        "0o7",
        "1_000",
        ".5",
        "2026-11-22",
        "<<",
        "&a",
        "*a",
        "!x",
    ),
    *(
        "'",
        '"',
        "\\",
        "\\n",
        "\\u0041",
        "`id`",
        "%s %d",
        "$HOME",
        "${HOME}",
        "$(HOME)",
        "$$(HOME)",
        "$$",
        "@flowc",
    ),
    *(
        "{{",
        "}}",
        "{{workflow.name}}",
        "{{=1+1}}",
        "{{inputs.parameters.path}}",
        "{{item}}",
        "{{{{",
        "{% $states %}",
    ),
    *(
        "${AWS::Region}",
        "{{resolve:ssm:x}}",
        "Ref::path",
        "$.input",
        "States.Format('{}', 1)",
        "[1, 2]",
        '{"a": 1}',
    ),
    *(
        "é",
        "e\u0301",
        "日本語",
        "\U0001f600",
        "\u2028",
        "\ufeff",
        "\x7f",
        "\x1b[31m",
        "\x85",
        "\u202e",
        "x" * 3000,
    ),
)


class Generated(NamedTuple):
    """A flow's text, and the parameters that are passed to its run."""

    text: str
    parameters: dict[str, str]


def many_parameters(count: int) -> Generated:
    """A flow of `count` parameters of all types; every third is passed, the others have their defaults."""
    declared, expected, passed = [], {}, {}
    for number in range(count):
        name = f"p{number}"
        declaration, default, text, value = _parameter(number)
        declared.append(f"    {name} = Parameter({name!r}, {declaration})\n")
        expected[name] = default
        if number % 3 == 0:
            passed[name] = text
            expected[name] = value
    return Generated(
        "from flowc import FlowSpec, JSONType, Parameter, step\n\n"
        f"EXPECTED = {expected!r}\n\n\nclass Crowd(FlowSpec):\n{''.join(declared)}"
        "\n    @step\n    def start(self):\n"
        "        self.seen = {name: getattr(self, name) for name in EXPECTED}\n"
        "        assert self.seen == EXPECTED, self.seen\n        self.next(self.end)\n"
        "\n    @step\n    def end(self):\n        print(len(self.seen))\n",
        passed,
    )


def _parameter(number: int) -> tuple[str, object, str, object]:
    """One parameter: its declaration, the default's value, what is passed, and its value."""
    one, other = TEXTS[number % len(TEXTS)], TEXTS[(7 * number + 1) % len(TEXTS)]
    kinds: list[tuple[str, object, str, object]] = [
        (f"default={one!r}", one, other, other),
        (f"type=int, default={number}", number, str(-number), -number),
        (f"default={number / 8}", number / 8, f"{number}e-3", number / 1000),
        (f"type=bool, default={number % 2 == 0}", number % 2 == 0, "yes", True),
        (f"type=JSONType, default={json.dumps([one])!r}", [one], json.dumps({other: None}), {other: None}),
        ("separator=',', default='a,b'", ["a", "b"], f"{number},é", [str(number), "é"]),
        (f"required=False, default={one!r}, help={other!r}", one, other, other),
    ]
    return kinds[number % len(kinds)]


def many_steps(arms: int, length: int) -> Generated:
    """A fork of chains, each with a retried step: `arms * length` steps, start, join and end."""
    steps = []
    for arm in range(arms):
        for link in range(length):
            after = "join" if link == length - 1 else f"s{arm}_{link + 1}"
            retried = "    @retry(times=1, minutes_between_retries=0)\n" if link == 1 else ""
            steps.append(
                f"{retried}    @step\n    def s{arm}_{link}(self):\n"
                f"        self.trail = [*self.trail, ({arm}, {link})]\n        self.next(self.{after})\n"
            )
    first = ", ".join(f"self.s{arm}_0" for arm in range(arms))
    return Generated(
        "from flowc import FlowSpec, retry, step\n\n\nclass Folded(FlowSpec):\n"
        f"    @step\n    def start(self):\n        self.trail = []\n        self.next({first})\n\n"
        + "\n".join(steps)
        + "\n    @step\n    def join(self, inputs):\n        self.trails = [i.trail for i in inputs]\n"
        "        self.next(self.end)\n\n    @step\n    def end(self):\n        print(len(self.trails))\n",
        {},
    )


def wide_foreach(count: int) -> Generated:
    """One foreach of `count` items."""
    return Generated(
        "from flowc import FlowSpec, step\n\n\nclass Vast(FlowSpec):\n"
        f"    @step\n    def start(self):\n        self.items = list(range({count}))\n"
        "        self.next(self.each, foreach='items')\n"
        "\n    @step\n    def each(self):\n        self.square = self.input**2\n        self.next(self.join)\n"
        "\n    @step\n    def join(self, inputs):\n        self.squares = [i.square for i in inputs]\n"
        f"        assert self.squares == [n**2 for n in range({count})]\n        self.next(self.end)\n"
        "\n    @step\n    def end(self):\n        print(sum(self.squares))\n",
        {},
    )


def hostile_texts() -> Generated:
    """A flow that meets TEXTS wherever text can be: parameters and their help, variables, items, switch keys,
    exceptions, docstrings, artifacts."""
    # No process takes a null byte; a lone surrogate is no UTF-8, so only pickles hold it.
    items = [list(TEXTS[at : at + 12]) for at in range(0, len(TEXTS), 12)] + [["\ud800", "\0"]]
    declared = "".join(
        f"    t{number} = Parameter('t{number}', default={text!r}, help={TEXTS[-number]!r})\n"
        for number, text in enumerate(TEXTS)
    )
    variables = {f"HOSTILE_{number}": text for number, text in enumerate(TEXTS)}
    return Generated(
        _HOSTILE.replace("TEXTS_HERE", repr(TEXTS))
        .replace("ITEMS_HERE", repr(items))
        .replace("VARIABLES_HERE", repr(variables))
        .replace("    # parameters\n", declared),
        {f"t{number}": TEXTS[-1 - number] for number in range(0, len(TEXTS), 2)},
    )


_HOSTILE = '''\
import os

from flowc import FlowSpec, Parameter, catch, environment, step

TEXTS = TEXTS_HERE
ITEMS = ITEMS_HERE
VARIABLES = VARIABLES_HERE


class Hostile(FlowSpec):
    """{{workflow.name}} $(HOME) ${AWS::Region} {% $states %}"""

    # parameters

    @environment(vars=VARIABLES)
    @step
    def start(self):
        """{{=1+1}} '" ${HOME}"""
        self.seen = [getattr(self, f"t{number}") for number in range(len(TEXTS))]
        passed = [TEXTS[-1 - n] if n % 2 == 0 else TEXTS[n] for n in range(len(TEXTS))]
        assert self.seen == passed, self.seen
        found = {name: os.environ.get(name) for name in VARIABLES}
        assert found == VARIABLES, found
        self.items = ITEMS
        self.next(self.each, foreach="items")

    @step
    def each(self):
        self.found = self.input
        assert self.found == ITEMS[self.index]
        self.next(self.gather)

    @step
    def gather(self, inputs):
        self.found = [i.found for i in inputs]
        assert self.found == ITEMS
        self.kind = "{{=1+1}} '\\" $(HOME) \\n"
        self.next({"{{=1+1}} '\\" $(HOME) \\n": self.raises, "${AWS::Region}": self.end}, condition="kind")

    @catch(var="failure")
    @step
    def raises(self):
        if self.kind:
            raise ValueError("".join(TEXTS))
        self.next(self.judge)

    @step
    def judge(self):
        self.said = str(self.failure.exception)
        self.next(self.end)

    @step
    def end(self):
        print(TEXTS)


if __name__ == "__main__":
    Hostile()
'''
