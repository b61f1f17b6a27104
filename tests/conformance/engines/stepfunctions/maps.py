"""Distributed maps as on AWS: a child is an execution of its own, and a failed child fails the map.

Moto's children share their parent's context and variables, and their failures are only counted.
"""

from __future__ import annotations

import uuid
from typing import Any


class OwnExecution:
    """The program of a child, which sees its own name and no variable of its parent's."""

    def __init__(self, program: Any) -> None:
        self.program = program

    def eval(self, env: Any) -> None:
        """Run it in the frame of an item."""
        from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore

        context = env.states.context_object.context_object_data
        execution = dict(context["Execution"])
        execution["Name"] = str(uuid.uuid4())
        execution["Id"] = execution["Id"].rpartition(":")[0] + ":" + execution["Name"]
        context["Execution"] = execution
        env.variable_store = VariableStore()
        self.program.eval(env)


def mend() -> None:
    """Put both right."""
    give_children_their_own_context()
    fail_where_a_child_failed()


def give_children_their_own_context() -> None:
    """Run each item's program as an execution of its own."""
    from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor import (
        distributed_item_processor_worker as module,
    )

    worker = module.DistributedItemProcessorWorker
    evaluate = worker._eval_job

    def apart(self: Any, env: Any, job: Any) -> None:
        if not isinstance(job.job_program, OwnExecution):
            job.job_program = OwnExecution(job.job_program)
        evaluate(self, env, job)

    worker._eval_job = apart


def fail_where_a_child_failed() -> None:
    """Fail a map by `States.ExceedToleratedFailureThreshold` when more children failed than it tolerates."""
    from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import (
        distributed_iteration_component as module,
    )

    component = module.DistributedIterationComponent
    run = component._map_run

    def counted(self: Any, env: Any, eval_input: Any) -> None:
        run(self, env, eval_input)
        record = eval_input.map_run_record
        failed = record.item_counter.failed.get() + record.item_counter.timed_out.get()
        share = 100.0 * failed / max(record.item_counter.total.get(), 1)
        number, percentage = record.tolerated_failure_count, record.tolerated_failure_percentage
        if failed and not (number and failed <= number) and not (percentage and share <= percentage):
            raise exceeded(env)

    component._map_run = counted


def exceeded(env: Any) -> Exception:
    """The failure of a map."""
    from moto.stepfunctions.parser.api import HistoryEventType
    from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
        FailureEvent,
        FailureEventException,
    )
    from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
    from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
        StatesErrorNameType,
    )

    name = StatesErrorName(typ=StatesErrorNameType.StatesExceedToleratedFailureThreshold)
    details = {"error": name.error_name, "cause": "The specified tolerated failure threshold was exceeded"}
    event = FailureEvent(
        env=env,
        error_name=name,
        event_type=HistoryEventType.MapRunFailed,
        event_details={"mapRunFailedEventDetails": details},
    )
    return FailureEventException(event)
