"""The small languages inside manifests: each text with the reason why it is none, or "" for a good one."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.validate.argo.conditions import condition_fault
from flowc.validate.argo.depends import read_depends
from flowc.validate.argo.expressions import read_expression
from flowc.validate.argo.quantity import amount
from flowc.validate.argo.retry import seconds
from flowc.validate.argo.tags import tags, unclosed
from flowc.validate.asl.jsonpath import path_fault
from flowc.validate.cloudformation.schedules import expression_reason
from flowc.validate.cloudformation.texts import with_numbers, written_texts


@pytest.mark.parametrize(
    ("text", "tasks", "reason"),
    [
        ("a", ["a"], ""),
        ("a.Succeeded && (b-1.Failed || !c_2)", ["a", "b-1", "c_2"], ""),
        ("(a || b) && c.AnySucceeded", ["a", "b", "c"], ""),
        ("a b", ["a"], "`&&` or `||` is missing before `b`"),
        ("a, b", ["a"], "tasks are joined by `&&` or `||`"),
        ("a | b", ["a"], "`|` is written twice: `||`"),
        ("a &&", ["a"], "it ends where a task is missing"),
        ("&& a", [], "a task is missing before `&&`"),
        ("(a", ["a"], "`(` is not closed"),
        ("a)", ["a"], "`)` closes nothing"),
        ("a.succeeded", [], "`succeeded` is no result of a task"),
        ("a == b", ["a"], "`=` means nothing in it"),
    ],
)
def test_depends(text: str, tasks: list[str], reason: str) -> None:
    found, fault = read_depends(text)
    assert [each.task for each in found] == tasks
    assert (fault.reason if fault else "") == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("asInt(lastRetry.exitCode) >= 2 and lastRetry.status == 'Error'", ""),
        ("tasks['a-b'].outputs.parameters.x ?? 'none'", ""),
        ("filter([1, 3], {# > 1})", ""),
        ("map(jsonpath(inputs.parameters.json, '$.xs'), {.name})", ""),
        ("{'a': 1, b: [2,]}.a", ""),
        ("x ? y[1:] : z[:2]", ""),
        ("not (a in [1, 2]) && b not in c", ""),
        ("sprig.trim('x') | upper()", ""),
        ('`raw {{ text` + "q\\"q"', ""),
        ("1..3", ""),
        ("a?.b?.c", ""),
        ("-1 + +2 ** 3", ""),
        ("f()", ""),
        ("a >", "it ends where a value is missing"),
        ("a = 1", "`=` compares nothing; it is written `==`"),
        ("let x = 1; x + 1", ""),
        ("a ? b", "a `?` has no `:`"),
        ("f(a ? b : c)[1:2]", ""),
        ("filter(xs, # > 1 && #index < 2)", ""),
        ("a b", "an operator is missing before `b`"),
        ("f(a +)", "a value is missing before `)`"),
        ("(a", "`(` is not closed"),
        ("a]", "`]` closes nothing"),
        ("'a", "a text is not closed"),
        ("a & b", "`&` is none of its operators; `and` is written `&&`"),
        ("", "it is empty"),
        ("a..b..", "it ends where a value is missing"),
    ],
)
def test_expressions(text: str, reason: str) -> None:
    _, fault = read_expression(text)
    assert (fault.reason if fault else "") == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{steps.a.outputs.result}} == heads", ""),
        ("{{a}}-{{b}} =~ 'x y' || ({{n}} -1 > -2)", ""),
        ("{{=inputs.parameters.a == 'b'}}", ""),
        ("a in (b, c) && !d", ""),
        ("{{a}} = heads", "it compares with one `=`"),
        ("{{a}} == not ready", "an operator is missing before `ready`"),
        ("{{a}} == 'heads", "a text is not closed"),
        ("({{a}} == b", "`(` is not closed"),
        ("{{a}} == b)", "`)` closes nothing"),
        ("{{a}} ==", "it ends where a value is missing"),
        ("&& {{a}}", "a value is missing before `&&`"),
    ],
)
def test_conditions(text: str, reason: str) -> None:
    fault = condition_fault(text)
    assert (fault[0] if fault else "") == reason


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("{}", ["{}"]),
        ({"Fn::Sub": "${A}"}, ["${A}"]),
        ({"Fn::Sub": ["${A}", {"A": "b"}]}, ["${A}"]),
        ({"Fn::Join": ["-", ["a", {"Ref": "B"}, {"Fn::GetAtt": ["C", "Arn"]}, {"Fn::ImportValue": "x"}]]}, ["a-${B}-${C.Arn}-${filled}"]),
        ({"Fn::If": ["Live", "a", {"Fn::Sub": "b"}]}, ["a", "b"]),
        ("{{resolve:ssm:/definition}}", []),
        ({"Fn::Transform": {}}, []),
    ],
)  # fmt: skip
def test_texts_of_a_template(value: object, texts: list[str]) -> None:
    assert [written.text for written in written_texts(value, ())] == texts


def test_numbers_that_a_stack_fills_in() -> None:
    assert with_numbers('{"a": ${A}, "b": ["${B}", ${C}]}') == '{"a": 1111, "b": ["${B}", 1111]}'


def test_chains_of_an_expression() -> None:
    chains, _ = read_expression("tasks['a-b'].outputs.result == inputs.parameters.x ?? item.y")
    assert [chain.parts for chain in chains] == [
        ("tasks", "a-b", "outputs", "result"),
        ("inputs", "parameters", "x"),
        ("item", "y"),
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("$", ""),
        ("$.a.b[0]['c'].*", ""),
        ("$..a[?(@.b > 1)].c", ""),
        ("$$.Execution.Name", ""),
        ("$variable.a", ""),
        ("States.Format('{} {}', $.a, States.UUID())", ""),
        ("States.Array(1, 'it\\'s', true, null, $$.a)", ""),
        ("a.b", "it does not begin with `$`"),
        ("$.a b", "` b` is no part of a path"),
        ("States.Foo()", "there is no `States.Foo`"),
        ("States.Format('{}')", "its text has 1 `{}` for 0 values"),
        ("States.UUID(1)", "`States.UUID` takes 0 arguments, not 1"),
        ('States.Hash($.a, "SHA-1")', "an argument of `States.Hash` is missing, or its text stands not in single quotes"),
        ("States.Array(1", "`,` or `)` is missing in `States.Array`"),
        ("States.Array(1) x", "` x` follows the function"),
    ],
)  # fmt: skip
def test_paths(text: str, reason: str) -> None:
    assert (path_fault(text, reference=False, may_call=True) or "") == reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("cron(0 2 * * ? *)", ""),
        ("cron(0/15 9-17 ? * MON-FRI 2026-2030)", ""),
        ("cron(0 0 L * ? *)", ""),
        ("rate(1 minute)", ""),
        ("rate(5 hours)", ""),
        ("at(2026-11-22T10:00:00)", ""),
        ("rate(0 days)", "a rate is 1 or more"),
        ("rate(1 days)", "`1 days` is singular: `1 day`"),
        ("rate(2 day)", "`2 day` is plural: `2 days`"),
        ("0 2 * * *", "it is none of `cron(…)`, `rate(…)` and `at(…)`"),
        ("cron(0 2 * * *)", "it has 5 fields, where EventBridge takes 6"),
        ("cron(0 2 * * * *)", "one of the two day fields is `?`"),
        ("cron(60 2 * * ? *)", "`60` is no minute: 0 to 59"),
    ],
)
def test_schedules(text: str, reason: str) -> None:
    assert (expression_reason(text, may_be_once=True) or "") == reason


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("500m", Fraction(1, 2)),
        (2, Fraction(2)),
        ("1.5Gi", Fraction(3 * 2**29)),
        ("60000M", Fraction(60_000_000_000)),
        ("1e3", Fraction(1000)),
        (".5", Fraction(1, 2)),
        ("-1", Fraction(-1)),
        ("4GB", None),
        ("", None),
        ("1 Gi", None),
        (True, None),
    ],
)
def test_amounts(value: object, expected: Fraction | None) -> None:
    assert amount(value) == expected


@given(
    st.integers(0, 10**6), st.sampled_from([("", 1), ("k", 1000), ("Ki", 1024), ("M", 10**6), ("Mi", 2**20)])
)
def test_an_amount_is_what_its_unit_says(count: int, unit: tuple[str, int]) -> None:
    assert amount(f"{count}{unit[0]}") == count * unit[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90", 90.0), ("1h30m", 5400.0), ("1.5s", 1.5), ("1d", None), ("", None), ("{{x}}", None)],
)
def test_durations(text: str, expected: float | None) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("a {{ b.c }} d {{=1 + 1}}", ["b.c", "=1 + 1"]),
        ("{{={'a': {'b': 1}}}}", ["={'a': {'b': 1}}"]),
        ("{{ not closed", []),
        ("{{{{x}}", ["x"]),
    ],
)
def test_tags(text: str, inner: list[str]) -> None:
    assert [tag.inner for tag in tags(text)] == inner


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{inputs.parameters.a}", True),
        ("{{inputs.parameters.a}}", False),
        ("{{.Values.a", False),
        ("{% if {{item", True),
    ],
)
def test_tags_that_are_not_closed(text: str, expected: bool) -> None:
    assert (unclosed(text) is not None) is expected
