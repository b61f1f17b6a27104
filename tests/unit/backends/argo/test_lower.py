"""Regions as DAG templates: what each becomes, and who may run beside whom."""

from __future__ import annotations

from textwrap import dedent

import pytest

from flowc.records import replace
from tests.unit.backends.argo.flows import SETTINGS, dags, templates


def check(flow: str, expected: str, **settings: int) -> None:
    """The DAG templates of `flow`."""
    assert dags(flow, replace(SETTINGS, **settings)) == dedent(expected).strip()  # type: ignore[arg-type]


def test_a_line() -> None:
    check(
        "start -> a; a -> end",
        """
        main
          start
          a after start.Succeeded
          end after a.Succeeded
        """,
    )


def test_a_step_tried_again_sits_in_a_dag_of_its_own() -> None:
    check(
        "start -> a, b; a[retry=3] -> j; b[catch] -> j; join j -> end",
        """
        main at most 16
          start
          a: a-tries after start.Succeeded
          b: b-tries after start.Succeeded
          j after a.Succeeded && b.Succeeded
          end after j.Succeeded
        a-tries
          a
        b-tries
          b
        """,
    )


def test_a_wrapper_passes_control_outputs_on() -> None:
    check(
        "start -> s; s[retry=1] -> x | y; x -> end; y -> end",
        """
        main at most 16
          start
          s: s-tries after start.Succeeded
          x after s.Succeeded if {{=tasks['s'].outputs.parameters['next'] == 'x'}}
          y after s.Succeeded if {{=tasks['s'].outputs.parameters['next'] == 'y'}}
          end after x.Succeeded || y.Succeeded
        s-tries
          s
          -> next = {{tasks.s.outputs.parameters.next}}
        """,
    )


def test_a_foreach_of_one_step_needs_no_body() -> None:
    check(
        "start -> foreach a in xs; a -> j; join j -> end",
        """
        main
          start
          start-xs({{tasks.start.outputs.parameters.splits}}) after start.Succeeded
          j after start-xs.Succeeded
          end after j.Succeeded
        start-xs at most 16
          a(r.{{item}}) each
        """,
    )


def test_the_limit_of_a_foreach_is_its_own() -> None:
    flow = "start[max_workers=3] -> foreach a in xs; a -> j; join j -> end"
    assert templates(flow)["start-xs"]["parallelism"] == 3
    assert templates(flow, replace(SETTINGS, max_workers=2))["start-xs"]["parallelism"] == 2


def test_nested_foreaches_share_the_pool() -> None:
    check(
        "start -> foreach a in xs; a -> foreach b in ys; b -> k; join k -> j; join j -> end",
        """
        main
          start
          start-xs({{tasks.start.outputs.parameters.splits}}) after start.Succeeded
          j after start-xs.Succeeded
          end after j.Succeeded
        start-xs at most 16
          a: start-xs-body(r.{{item}}) each
        start-xs-body
          a({{inputs.parameters.path}})
          a-ys({{inputs.parameters.path}}, {{tasks.a.outputs.parameters.splits}}) after a.Succeeded
          k({{inputs.parameters.path}}) after a-ys.Succeeded
        a-ys at most 16
          b({{inputs.parameters.path}}.{{item}}) each
        """,
    )


def test_above_a_step_tried_again_every_dag_keeps_to_its_share() -> None:
    check(
        "start -> foreach a in xs; a -> foreach b in ys; b[retry=1] -> k; join k -> j; join j -> end",
        """
        main at most 16
          start
          start-xs({{tasks.start.outputs.parameters.splits}}) after start.Succeeded
          j after start-xs.Succeeded
          end after j.Succeeded
        start-xs at most 4
          a: start-xs-body(r.{{item}}) each
        start-xs-body at most 4
          a({{inputs.parameters.path}})
          a-ys({{inputs.parameters.path}}, {{tasks.a.outputs.parameters.splits}}) after a.Succeeded
          k({{inputs.parameters.path}}) after a-ys.Succeeded
        b-tries
          b({{inputs.parameters.path}})
        a-ys at most 4
          b: b-tries({{inputs.parameters.path}}.{{item}}) each
        """,
    )


def test_arms_that_wait_for_one_another_are_a_dag() -> None:
    check(
        "start -> a, b, c; a[retry=1] -> j; b -> x; x -> j; c -> gang t by 8; t[parallel] -> k; join k -> j; join j -> end",
        """
        main at most 16
          start
          start-split after start.Succeeded
          j after start-split.Succeeded
          end after j.Succeeded
        start-split at most 2
          a: a-tries
          b-arm
          c-arm
        a-tries
          a
        b-arm at most 8
          b
          x after b.Succeeded
        c-arm at most 8
          c
          c-gang({{tasks.c.outputs.parameters.splits}}) after c.Succeeded
          k after c-gang.Succeeded
        c-gang at most 8
          t(r.{{item}}) each
        """,
    )


def test_the_count_of_a_foreach_is_guarded() -> None:
    wrapper = templates("start[max_num_splits=7] -> foreach a in xs; a -> j; join j -> end")["start-xs"]
    assert wrapper["dag"]["tasks"][0]["withSequence"]["count"] == (
        "{{=asInt(inputs.parameters.splits) <= 7 ? inputs.parameters.splits : "
        "'foreach start.xs - ' + inputs.parameters.splits + ' splits, max_num_splits is 7'}}"
    )


def test_a_choice_whose_arms_converge() -> None:
    check(
        "start -> s; s -> a | b; a -> c | d; b -> c; c -> m; d -> m; m -> end",
        """
        main
          start
          s after start.Succeeded
          a after s.Succeeded if {{=tasks['s'].outputs.parameters['next'] == 'a'}}
          d after a.Succeeded if {{=tasks['a'].outputs.parameters['next'] == 'd'}}
          b after s.Succeeded if {{=tasks['s'].outputs.parameters['next'] == 'b'}}
          c after (a.Succeeded || b.Succeeded) && !a.Failed && !a.Errored if {{=(tasks['a'].status == 'Succeeded' && tasks['a'].outputs.parameters['next'] == 'c') || tasks['b'].status == 'Succeeded'}}
          m after d.Succeeded || c.Succeeded
          end after m.Succeeded
        """,
    )


def test_an_arm_that_splits_begins_with_its_region() -> None:
    check(
        "start -> foreach a in xs | b; a -> j; join j -> end; b -> end",
        """
        main
          start
          start-xs({{tasks.start.outputs.parameters.splits}}) after start.Succeeded if {{=tasks['start'].outputs.parameters['next'] == 'foreach:a'}}
          j after start-xs.Succeeded
          b after start.Succeeded if {{=tasks['start'].outputs.parameters['next'] == 'b'}}
          end after j.Succeeded || b.Succeeded
        start-xs at most 16
          a(r.{{item}}) each
        """,
    )


def test_a_step_that_may_not_split_has_a_default_number() -> None:
    outputs = templates("start -> foreach a in xs | b; a -> j; join j -> end; b -> end")["start"]["outputs"]
    assert outputs["parameters"] == [
        {"name": "splits", "valueFrom": {"path": "/tmp/flowc/splits", "default": "none"}},
        {"name": "next", "valueFrom": {"path": "/tmp/flowc/next"}},
    ]


def test_a_loop_carries_its_exit_out() -> None:
    check(
        "start -> work; work -> judge; judge -> work | done | giveup; done -> end; giveup -> end",
        """
        main
          start
          work-loop(r, 0) after start.Succeeded
          done after work-loop.Succeeded if {{=tasks['work-loop'].outputs.parameters['next'] == 'done'}}
          giveup after work-loop.Succeeded if {{=tasks['work-loop'].outputs.parameters['next'] == 'giveup'}}
          end after done.Succeeded || giveup.Succeeded
        work-loop
          work({{inputs.parameters.path}}~{{inputs.parameters.visit}})
          judge({{inputs.parameters.path}}~{{inputs.parameters.visit}}) after work.Succeeded
          work-loop-again: work-loop({{inputs.parameters.path}}, {{=asInt(inputs.parameters.visit) + 1}}) after judge.Succeeded if {{=tasks['judge'].outputs.parameters['next'] == 'work'}}
          -> next = tasks['work-loop-again'].status == 'Succeeded' ? tasks['work-loop-again'].outputs.parameters['next'] : (tasks['judge'].status == 'Succeeded' && tasks['judge'].outputs.parameters['next'] == 'giveup') ? 'giveup' : 'done'
        """,
    )


def test_nested_loops() -> None:
    check(
        "start -> o; o -> i; i -> i | o | end",
        """
        main
          start
          o-loop(r, 0) after start.Succeeded
          end after o-loop.Succeeded
        o-loop
          o({{inputs.parameters.path}}~{{inputs.parameters.visit}})
          i-loop({{inputs.parameters.path}}~{{inputs.parameters.visit}}, 0) after o.Succeeded
          o-loop-again: o-loop({{inputs.parameters.path}}, {{=asInt(inputs.parameters.visit) + 1}}) after i-loop.Succeeded if {{=tasks['i-loop'].outputs.parameters['next'] == 'o'}}
        i-loop
          i({{inputs.parameters.path}}~{{inputs.parameters.visit}})
          i-loop-again: i-loop({{inputs.parameters.path}}, {{=asInt(inputs.parameters.visit) + 1}}) after i.Succeeded if {{=tasks['i'].outputs.parameters['next'] == 'i'}}
          -> next = tasks['i-loop-again'].status == 'Succeeded' ? tasks['i-loop-again'].outputs.parameters['next'] : (tasks['i'].status == 'Succeeded' && tasks['i'].outputs.parameters['next'] == 'end') ? 'end' : 'o'
        """,
    )


@pytest.mark.parametrize("name", ["main", "true", "contains", "_1", "start_xs", "start_xs_body", "work_loop"])
def test_names_of_steps_never_collide_with_the_structure(name: str) -> None:
    made = templates(f"start -> foreach {name} in xs; {name} -> b; b -> j; join j -> end")
    assert len(made) == 8
    for template in made.values():
        for task in template.get("dag", {}).get("tasks", ()):
            assert task["template"] in made
            assert task["name"][0].isalpha()
            assert task["name"] not in {"true", "contains"}
