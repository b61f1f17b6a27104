"""What Step Functions cannot do, and which foreaches leave their parent's history."""

from __future__ import annotations

import itertools

import pytest

from flowc.backends.stepfunctions.check import check
from flowc.backends.stepfunctions.history import histories
from flowc.diagnostics.model import Sink
from flowc.ir.region import first_step
from flowc.ir.spec import Event, FlowSpecs, Platform, Schedule, StepSpec
from flowc.records import replace
from flowc.source import Located, SourceFile, Span
from flowc.target.budget import budgets
from flowc.target.settings import Settings, StepFunctionsSettings
from tests.programs import program

HERE = Span(SourceFile("flow.py", "@x"), 0, 2)


def found(
    settings: Settings | None = None, text: str = "start -> end", specs: FlowSpecs | None = None
) -> list[str]:
    subject = program(text, settings)
    subject = replace(subject, graph=replace(subject.graph, specs=specs or FlowSpecs()))
    sink = Sink()
    check(subject, settings or Settings(), sink)
    return [f"{d.rule.code} {d.message}" for d in sink]


def own(settings: StepFunctionsSettings) -> Settings:
    return Settings(stepfunctions=settings)


def test_a_plain_flow() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Settings(name="a b"), "FC614 `a b` cannot be the name of a state machine"),
        (Settings(image="A b"), "FC618 `A b` cannot be an image"),
        (Settings(infrastructure_retries=10), "FC621 `infrastructure_retries = 10` makes 11 attempts; Batch takes 10"),
        (Settings(datastore="s3://B/x"), "FC615 `s3://B/x` cannot be a datastore on S3"),
        (Settings(datastore="s3://bucket/${x}"), "FC615 `s3://bucket/${x}` cannot be a datastore on S3"),
        (own(StepFunctionsSettings(job_queue="{{resolve:x}}")), "FC615 `{{resolve:x}}` cannot be `job_queue` under [tool.flowc.stepfunctions]"),
        (own(StepFunctionsSettings(partition="gov")), "FC615 `gov` cannot be `partition` under [tool.flowc.stepfunctions]"),
        (own(StepFunctionsSettings(tags={"a": "${b}"})), "FC615 `${b}` cannot be `tags.a` under [tool.flowc.stepfunctions]"),
    ],
)  # fmt: skip
def test_settings(settings: Settings, expected: str) -> None:
    assert found(settings) == [expected]


def test_triggers() -> None:
    both = (Event(name="a", span=HERE), Event(name="b", span=HERE))
    assert found(specs=FlowSpecs(events=both)) == [
        "FC623 EventBridge cannot wait for all of 2 events; each rule acts on one"
    ]
    assert found(specs=FlowSpecs(events=both, events_all=False)) == []
    assert found(specs=FlowSpecs(events=(Event(name="{%x%}", span=HERE),))) == [
        "FC615 `{%x%}` cannot be the detail-type of an event"
    ]
    mapped = Event(name="a", span=HERE, parameters={"p": "x y"})
    assert found(specs=FlowSpecs(events=(mapped,))) == [
        "FC623 EventBridge cannot take parameter `p` from the field `x y` of event `a`"
    ]


def test_schedules() -> None:
    assert found(specs=FlowSpecs(schedule=Schedule(cron="0 6 * * *", timezone=None, span=HERE))) == []
    (both,) = found(specs=FlowSpecs(schedule=Schedule(cron="0 6 1 * 1", timezone=None, span=HERE)))
    assert both.startswith("FC609 EventBridge cannot express the schedule `0 6 1 * 1`")


def test_a_pods_annotations_are_inert() -> None:
    pod = StepSpec(kubernetes=Platform({"annotations": Located({"a": "{% $x %}"}, HERE)}, HERE))
    sink = Sink()
    check(program("start -> end", start=pod), own(StepFunctionsSettings(eks_cluster="main")), sink)
    assert [d.rule.code for d in sink] == ["FC615"]


def test_a_steps_own_settings() -> None:
    told = StepSpec(environment={"A": Located("x" * 7000, HERE)})
    assert report_of(told) == []
    told = StepSpec(environment={"A": Located("{" * 7000, HERE)})
    assert report_of(told) == ["FC619"]


def report_of(spec: StepSpec) -> list[str]:
    sink = Sink()
    check(program("start -> end", start=spec), Settings(), sink)
    return [d.rule.code for d in sink]


def test_a_loop_may_write_too_much() -> None:
    (warning,) = found(Settings(max_visits=3000), "start -> w; w -> w | end")
    assert warning.startswith("FC624 a run of `Flow` may write 45,")


# ------------------------------------------------------------------------------------ histories
def away(text: str, **settings: int) -> list[str]:
    """The first steps of the bodies that are executions of their own."""
    chosen = Settings(**settings)  # type: ignore[arg-type]
    subject = program(text, chosen)
    shares = budgets(subject.body, subject.fanouts, chosen.max_workers, static=False)
    return sorted(
        first_step(body) or "" for body in histories(subject, shares, chosen.max_visits).distributed
    )


def chain(first: str, count: int, last: str) -> str:
    names = [first, *(f"{first}{i}" for i in range(count)), last]
    return "; ".join(f"{a} -> {b}" for a, b in itertools.pairwise(names))


def test_a_small_foreach_stays() -> None:
    assert away("start -> foreach a in xs; a -> j; join j -> end") == []


def test_many_at_once_leave() -> None:
    assert away("start -> foreach a in xs; a -> j; join j -> end", max_workers=41) == ["a"]
    assert away("start -> foreach a in xs; a -> j; join j -> end", max_workers=40) == []
    assert away("start -> foreach a in xs:30; a -> j; join j -> end", max_workers=99) == []


def test_many_events_leave() -> None:
    assert away(f"start -> foreach a in xs; {chain('a', 40, 'j')}; join j -> end") == ["a"]
    assert away(f"start -> foreach a in xs:2; {chain('a', 40, 'j')}; join j -> end") == []


def test_retries_and_visits_count() -> None:
    assert away("start -> foreach a in xs; a[retry=99] -> j; join j -> end") == ["a"]
    assert away("start -> foreach a in xs; a -> w; w -> w | j; join j -> end") == ["a"]


def test_an_inner_foreach_leaves_only_where_it_must() -> None:
    nested = "start -> foreach a in xs; a -> foreach b in ys; b -> j; join j -> k; join k -> end"
    assert away(nested) == ["a"]
    assert away(nested, max_num_splits=40) == []
    assert away(nested, max_num_splits=3000) == ["a", "b"]


def test_the_largest_of_several_leaves() -> None:
    text = ("start -> foreach a in xs:100; {a}; join j -> foreach b in ys:100; {b}; join k -> end").format(
        a=chain("a", 20, "j"), b=chain("b", 10, "k")
    )
    assert away(text) == ["a"]
