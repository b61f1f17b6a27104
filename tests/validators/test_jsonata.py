"""Whatever JSONata's own parser reads, `flowc validate` reads: no false alarm on any expression."""

from __future__ import annotations

import json
import random
import shutil
import subprocess

import pytest

from flowc.validate.asl.jsonata import read_jsonata
from tests.validators.tools import node_folder

pytestmark = pytest.mark.validators

EXPRESSIONS = [
    "$states.input.a.b[0].c",
    "$a + -$b * 2 / 3 % 4 - 1",
    "'x' & $string($count($a)) & \"y\"",
    "$a = 1 and ($b != 2 or $not($c)) and $d in [1, 2, 3]",
    "[0..$n - 1]",
    "[1..3, 5, 7..9]",
    "{'a': $x, \"b\": {'c': [1, {}]}, $k: 1}",
    "$x ? 1 : $y ? 2 : 3",
    "$map($states.input.xs, function($v, $i, $a) { $v.name & $string($i) })",
    "($x := 1; $y := $x + 1; $f := function($n) { $n <= 1 ? 1 : $n * $f($n - 1) }; $f($y))",
    "$states.input.xs[price > 10 and name = 'a'].price",
    "$states.input.xs^(>price, <name, other)[0]",
    "$states.input.xs{category: $sum(price)}",
    "$states.input.**.id",
    "$states.input.*[0]",
    "$states.input.xs.(price * quantity)",
    "$states.input.xs.{'n': name, 'up': %.id}",
    "$states.input.xs@$o.ys@$y[$y.id = $o.id].{'a': $o}",
    "$states.input.xs#$i[$i > 0]",
    "$replace('a-b', /[-_]/, ' ')",
    "$match($s, /([0-9]+)\\/x/i)[0].groups[0]",
    "$split($s, /\\s*,\\s*/)",
    "$states.input.xs ~> $filter(function($x) { $x > 1 }) ~> $sum()",
    "$substring(?, 0, 5)($s)",
    "$states.input ~> | xs | {'price': price * 2}, ['old'] |",
    "$states.input.`a name with - dashes`.b",
    "$sort($xs, function($l, $r) { $l.a > $r.a })",
    "$reduce($xs, function($p, $n) { $p + $n }, 0)",
    "/* a comment */ $x /* another */",
    "$x[-1]",
    "$x[[0..2]]",
    "$x.[a, b]",
    "$number('1.5e3') + 1.5e-3",
    "$exists($x.y) ? $x.y : 'none'",
    "true",
    "null",
    "'it\\\\s'",
    "$and + $x.and.or.in",
    "$formatNumber($x, '#,##0.00')",
    "$x.$y.($z)",
    "($x; $y;)",
    "function($x) <n:n> { $x }(1)",
    "$lookup($m, 'k')",
    "$each($m, function($v, $k) { $k & $v })",
    "λ($x) { $x + 1 }(2)",
]  # fmt: skip
_MARKS = list("()[]{}.,;:?+-*/%&=<>!|@#^~$'\"` ab1")
_READ = """
const jsonata = require(process.argv[1] + '/node_modules/jsonata');
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(texts.map(text => { try { jsonata(text); return true; } catch (error) { return false; } })));
"""


def _mutants(count: int) -> list[str]:
    """Expressions with a few characters removed, doubled or put in."""
    draw = random.Random(7)  # noqa: S311 - the same expressions each time
    found = []
    for _ in range(count):
        text = draw.choice(EXPRESSIONS)
        for _ in range(draw.randint(1, 2)):
            at = draw.randrange(len(text) + 1)
            kept = text[at + draw.randint(0, 1) :]
            text = text[:at] + draw.choice(["", draw.choice(_MARKS)]) + kept
        found.append(text)
    return found


def _parsed(texts: list[str]) -> list[bool]:
    folder, missing = node_folder()
    if missing:
        pytest.skip(missing)
    node = shutil.which("node") or "node"
    ran = subprocess.run(
        [node, "-e", _READ, folder],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    verdicts: list[bool] = json.loads(ran.stdout)
    return verdicts


def _is_read(text: str) -> bool:
    """Whether the expression is read; what JSONata has and Step Functions has not counts as read."""
    _, fault = read_jsonata(text)
    return (
        fault is None
        or "no meaning outside" in fault.reason
        or "no function" in fault.reason
        or "`$states`" in fault.reason
    )


def test_expressions_are_read() -> None:
    assert all(_parsed(EXPRESSIONS))
    assert [text for text in EXPRESSIONS if not _is_read(text)] == []


def test_what_its_parser_reads_is_read() -> None:
    texts = _mutants(4_000)
    verdicts = _parsed(texts)
    alarms = [text for text, is_good in zip(texts, verdicts, strict=True) if is_good and not _is_read(text)]
    assert alarms == []
    broken = [text for text, is_good in zip(texts, verdicts, strict=True) if not is_good]
    found = sum(not _is_read(text) for text in broken)
    assert found > 0.85 * len(broken), (found, len(broken))
