"""Machines as outlines: what each kind of region becomes. `flowc__init` is left out of each."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from flowc.backends.stepfunctions.emit import emit
from flowc.diagnostics.model import Sink
from flowc.target.settings import Settings
from tests.machines import faults, shown
from tests.programs import emission, program
from tests.strategies import flows


def machine(text: str, settings: Settings | None = None) -> dict[str, Any]:
    chosen = settings or Settings()
    found: dict[str, Any] = json.loads(emit(emission(program(text, chosen), chosen), Sink()).stream)
    return found


def check(text: str, expected: str, **settings: int) -> None:
    made = machine(text, Settings(**settings))  # type: ignore[arg-type]
    assert faults(made) == []
    outline = shown(made).replace("'${DatastorePrefix}Flow/' & ", "")
    assert "\n".join(outline.splitlines()[1:]) == expected.strip("\n")


def test_the_first_state_names_the_run_and_stores_its_input() -> None:
    first = next(iter(machine("start -> end")["States"].values()))
    assert first["Resource"] == "arn:aws:states:::aws-sdk:s3:putObject"
    assert first["Arguments"] == {
        "Bucket": "${DatastoreBucket}",
        "Key": "{% '${DatastorePrefix}Flow/' & ('sfn-' & $states.context.Execution.Name) & '/input.json' %}",
        "Body": "{% $states.context.Execution.Input %}",
    }
    assert first["Assign"] == {
        "run_id": "{% 'sfn-' & $states.context.Execution.Name %}",
        "run_uid": "{% $states.context.Execution.Id %}",
        "path0": "r",
    }


def test_a_step_is_told_which_task_it_is() -> None:
    state = machine("start -> a; a -> end")["States"]["a"]
    assert state["Arguments"] == {
        "JobName": "flow-a",
        "JobQueue": "${JobQueue}",
        "JobDefinition": "${JobStart}",
        "ContainerOverrides": {
            "Environment": [
                {"Name": "FLOWC_RUN_ID", "Value": "{% $run_id %}"},
                {"Name": "FLOWC_RUN_UID", "Value": "{% $run_uid %}"},
                {"Name": "FLOWC_PATH", "Value": "{% $path0 %}"},
                {"Name": "FLOWC_STEP", "Value": "a"},
                {"Name": "FLOWC_INPUTS", "Value": "start"},
            ]
        },
    }
    assert state["Output"] == {}


def test_the_throttling_retrier_comes_before_the_users() -> None:
    retriers = machine("start[retry=2] -> end")["States"]["start"]["Retry"]
    assert [r["ErrorEquals"][0] for r in retriers] == ["Batch.AWSBatchException", "States.TaskFailed"]
    assert retriers[1] == {
        "ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 120, "BackoffRate": 1, "MaxAttempts": 2,
    }  # fmt: skip


def test_a_fork_is_a_parallel() -> None:
    check(
        "start -> a, b; a -> j; b -> j; join j -> end",
        """
start: job at $path0 -> start__fork
start__fork: parallel -> j
  a: job at $path0
  b: job at $path0
j: job at $path0 -> end
end: job at $path0
""",
    )


def test_arms_that_do_not_fit_the_workers_take_turns() -> None:
    check(
        "start -> a, b, c; a -> j; b -> j; c -> j; join j -> end",
        """
start: job at $path0 -> start__fork
start__fork: inline map by 2 of [0, 1, 2] arm=$item -> j
  start__arm: $in.arm = 0 -> a; $in.arm = 1 -> b; $in.arm = 2 -> c; else -> start__no_arm
  start__no_arm: fail Flowc.BadSwitch
  a: job at $path0
  b: job at $path0
  c: job at $path0
j: job at $path0 -> end
end: job at $path0
""",
        max_workers=2,
    )


GUARD = """
start: job at $path0 may stop -> start__control
start__control: getObject $run_id & '/start/' & $path0 & '/control.json' c0:=$parse($states.result.Body) -> start__guard
start__guard: $not($exists($c0.n)) -> start__fault; $c0.n > 100 -> start__too_many; $c0.n < 1 -> start__empty; else -> start__map
start__fault: fail Flowc.Fault
start__too_many: fail Flowc.TooManySplits
start__empty: fail Flowc.EmptyForeach
"""


def test_a_foreach_is_guarded_and_computes_its_share() -> None:
    check(
        "start -> foreach a in xs; a -> b; b -> j; join j -> end",
        GUARD
        + """start__map: inline map by $min([$c0.n,16]) of [0..$c0.n-1] path=$path0 & '.' & $string($item) -> j
  start__item: pass path1:=$in.path -> a
  a: job at $path1 -> b
  b: job at $path1
j: job at $path0 -> end
end: job at $path0
""",
    )


def test_a_known_length_is_a_number() -> None:
    made = machine("start -> foreach a in xs:5; a -> foreach b in ys; b -> j; join j -> k; join k -> end")
    outer = made["States"]["start__map"]
    assert outer["MaxConcurrency"] == 5
    assert "w" not in outer["ItemSelector"]
    inner = outer["ItemProcessor"]["States"]["a__map"]
    assert inner["MaxConcurrency"] == "{% $min([$c1.n,3]) %}"


def test_more_than_40_at_once_are_executions_of_their_own() -> None:
    check(
        "start -> foreach a in xs; a -> j; join j -> end",
        GUARD
        + """start__map: distributed map by $min([$c0.n,64]) of items.json path=$path0 & '.' & $string($item) run_id=$run_id run_uid=$run_uid -> j
  start__item: pass path1:=$in.path run_id1:=$in.run_id run_uid1:=$in.run_uid -> a
  a: job at $path1
j: job at $path0 -> end
end: job at $path0
""",
        max_workers=64,
    )


def test_a_distributed_map_reads_its_items() -> None:
    state = machine("start -> foreach a in xs; a -> j; join j -> end", Settings(max_workers=64))["States"][
        "start__map"
    ]
    assert state["Label"] == "start"
    assert state["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    assert state["ItemReader"] == {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Arguments": {
            "Bucket": "${DatastoreBucket}",
            "Key": "{% '${DatastorePrefix}Flow/' & $run_id & '/start/' & $path0 & '/items.json' %}",
        },
    }


def test_nested_foreaches_hand_their_share_on() -> None:
    made = machine("start -> foreach a in xs:9; a -> foreach b in ys; b -> j; join j -> k; join k -> end", Settings(max_num_splits=9))  # fmt: skip
    inner = made["States"]["start__map"]["ItemProcessor"]["States"]["a__map"]
    assert inner["MaxConcurrency"] == 1

    made = machine("start -> foreach a in xs; a -> foreach b in ys; b -> j; join j -> k; join k -> end", Settings(max_num_splits=9))  # fmt: skip
    outer = made["States"]["start__map"]
    assert outer["ItemSelector"]["w"] == "{% $floor(16/$min([$c0.n,16])) %}"
    inner = outer["ItemProcessor"]["States"]["a__map"]
    assert inner["MaxConcurrency"] == "{% $min([$c1.n,$w2]) %}"


def test_a_switch_is_a_choice_and_arms_that_meet_share_a_state() -> None:
    check(
        "start -> kind ? a | b | c; a -> c; b -> m; c -> m; m -> end",
        """
start: job at $path0 may stop -> start__control
start__control: getObject $run_id & '/start/' & $path0 & '/control.json' c0:=$parse($states.result.Body) -> start__choice
start__choice: $c0.next = 'a' -> a; $c0.next = 'b' -> b; $c0.next = 'c' -> c; else -> start__unknown
start__unknown: fail Flowc.BadSwitch
a: job at $path0 -> c
b: job at $path0 -> m
c: job at $path0 -> m
m: job at $path0 -> end
end: job at $path0
""",
    )


def test_arms_may_split() -> None:
    check(
        "start -> kind ? foreach a in xs | b, c; a -> j; join j -> end; b -> k; c -> k; join k -> end",
        """
start: job at $path0 may stop -> start__control
start__control: getObject $run_id & '/start/' & $path0 & '/control.json' c0:=$parse($states.result.Body) -> start__choice
start__choice: $c0.next = 'foreach:a' -> start__guard; $c0.next = 'b+c' -> start__fork; else -> start__unknown
start__unknown: fail Flowc.BadSwitch
start__guard: $not($exists($c0.n)) -> start__fault; $c0.n > 100 -> start__too_many; $c0.n < 1 -> start__empty; else -> start__map
start__fault: fail Flowc.Fault
start__too_many: fail Flowc.TooManySplits
start__empty: fail Flowc.EmptyForeach
start__map: inline map by $min([$c0.n,16]) of [0..$c0.n-1] path=$path0 & '.' & $string($item) -> j
  start__item: pass path1:=$in.path -> a
  a: job at $path1
j: job at $path0 -> end
start__fork: parallel -> k
  b: job at $path0
  c: job at $path0
k: job at $path0 -> end
end: job at $path0
""",
    )


def test_a_choice_that_ends_a_foreachs_body_ends_its_scope() -> None:
    body = machine("start -> foreach a in xs; a -> b | j; b -> j; join j -> end")["States"]["start__map"]["ItemProcessor"]["States"]  # fmt: skip
    assert body["a__choice"]["Choices"][1]["Next"] == "a__end"
    assert body["a__end"] == {"Type": "Succeed", "Output": {}}


def test_loops_count_their_visits() -> None:
    check(
        "start -> o; o -> i; i -> i | o | q; q -> end",
        """
start: job at $path0 -> o__loop
o__loop: pass visit1:=0 path1:=$path0 & '~0' -> o
o__again: $visit1 + 1 < 50 visit1:=$visit1 + 1 path1:=$path0 & '~' & $string($visit1 + 1) -> o; else -> o__too_many_visits
o__too_many_visits: fail Flowc.TooManyVisits
o: job at $path1 -> i__loop
i__loop: pass visit2:=0 path2:=$path1 & '~0' -> i
i__again: $visit2 + 1 < 50 visit2:=$visit2 + 1 path2:=$path1 & '~' & $string($visit2 + 1) -> i; else -> i__too_many_visits
i__too_many_visits: fail Flowc.TooManyVisits
i: job at $path2 may stop -> i__control
i__control: getObject $run_id & '/i/' & $path2 & '/control.json' c0:=$parse($states.result.Body) -> i__choice
i__choice: $c0.next = 'i' -> i__again; $c0.next = 'o' -> o__again; $c0.next = 'q' -> q; else -> i__unknown
i__unknown: fail Flowc.BadSwitch
q: job at $path0 -> end
end: job at $path0
""",
    )


def test_a_gang_runs_at_once_or_not_at_all() -> None:
    made = machine("start -> gang w by n; w[parallel] -> j; join j -> end")["States"]
    assert made["start__map"]["MaxConcurrency"] == "{% $c0.n %}"
    assert made["start__guard"]["Choices"][-1] == {
        "Condition": "{% $c0.n > 16 %}",
        "Next": "start__too_large",
    }
    assert machine("start -> gang w by 4; w[parallel] -> j; join j -> end")["States"]["start__map"]["MaxConcurrency"] == 4  # fmt: skip


def test_a_killed_task_of_a_catch_step_has_one_more_attempt() -> None:
    made = machine("start[catch] -> a, b; a[catch] -> j; b -> j; join j -> end")
    assert faults(made) == []
    start, last = made["States"]["start"], made["States"]["start__catch"]
    assert [c["Next"] for c in start["Catch"]] == ["start__catch"]
    assert start["Next"] == last["Next"] == "start__fork"
    told = last["Arguments"]["ContainerOverrides"]["Environment"][-1]
    assert told == {"Name": "FLOWC_KILLED", "Value": "{% $killed0 %}"}
    assert "$killed1" in str(made["States"]["start__fork"])


def test_names_are_unique_and_short_enough() -> None:
    long = "s" * 90
    made = machine(f"start -> foreach start__map in xs; start__map -> {long}; {long} -> j; join j -> end")
    assert faults(made) == []
    assert "start__map-2" in made["States"]


@pytest.mark.parametrize("partition", ["aws", "aws-us-gov", "aws-cn"])
def test_arns_are_of_the_partition(partition: str) -> None:
    from flowc.target.settings import StepFunctionsSettings

    settings = Settings(max_workers=64, stepfunctions=StepFunctionsSettings(partition=partition))
    text = json.dumps(machine("start -> foreach a in xs; a -> j; join j -> end", settings))
    assert text.count("arn:") == text.count(f"arn:{partition}:")


@given(flows())
def test_every_flow_becomes_a_machine_without_faults(text: str) -> None:
    for workers in (1, 3, 64):
        assert faults(machine(text, Settings(max_workers=workers, max_num_splits=20))) == []


def test_nesting_may_be_deep() -> None:
    depth = 150
    down = "; ".join(f"s{i} -> s{i + 1}, t{i}" for i in range(depth))
    up = "; ".join(f"t{i} -> j{i}" for i in range(depth))
    joins = "; ".join(f"join j{i} -> {f'j{i - 1}' if i else 'end'}" for i in range(depth))
    text = f"start -> s0; {down}; s{depth} -> j{depth - 1}; {up}; {joins}"
    assert faults(machine(text)) == []
