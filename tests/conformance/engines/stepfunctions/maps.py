"""Distributed maps as on AWS: a child is an execution of its own, and a failed child fails the map.

An interpreter's children share their parent's context and variables, and their failures are only counted.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from interpreter import Interpreter


class OwnExecution:
    """The program of a child, which sees its own name and no variable of its parent's."""

    def __init__(self, program: Any, variables: Any) -> None:
        self.program, self.variables = program, variables

    def eval(self, env: Any) -> None:
        """Run it in the frame of an item."""
        context = env.states.context_object.context_object_data
        execution = dict(context["Execution"])
        execution["Name"] = str(uuid.uuid4())
        execution["Id"] = execution["Id"].rpartition(":")[0] + ":" + execution["Name"]
        context["Execution"] = execution
        env.variable_store = self.variables()
        self.program.eval(env)


def mend(of: Interpreter) -> None:
    """Put both right."""
    give_children_their_own_context(of)
    fail_where_a_child_failed(of)


def give_children_their_own_context(of: Interpreter) -> None:
    """Run each item's program as an execution of its own."""
    variables = of.module("eval.variable_store").VariableStore
    module = of.state("state_map.iteration.itemprocessor.distributed_item_processor_worker")
    worker = module.DistributedItemProcessorWorker
    evaluate = worker._eval_job

    def apart(self: Any, env: Any, job: Any) -> None:
        if not isinstance(job.job_program, OwnExecution):
            job.job_program = OwnExecution(job.job_program, variables)
        evaluate(self, env, job)

    worker._eval_job = apart


def fail_where_a_child_failed(of: Interpreter) -> None:
    """Fail a map by `States.ExceedToleratedFailureThreshold` when more children failed than it tolerates."""
    component = of.state("state_map.iteration.distributed_iteration_component").DistributedIterationComponent
    run = component._map_run

    def counted(self: Any, env: Any, eval_input: Any) -> None:
        run(self, env, eval_input)
        record = eval_input.map_run_record
        failed = record.item_counter.failed.get() + record.item_counter.timed_out.get()
        share = 100.0 * failed / max(record.item_counter.total.get(), 1)
        number, percentage = record.tolerated_failure_count, record.tolerated_failure_percentage
        if failed and not (number and failed <= number) and not (percentage and share <= percentage):
            raise exceeded(of, env)

    component._map_run = counted


def exceeded(of: Interpreter, env: Any) -> Exception:
    """The failure of a map."""
    failures, names = of.error_name("failure_event"), of.error_name("states_error_name")
    kind = of.error_name("states_error_name_type").StatesErrorNameType.StatesExceedToleratedFailureThreshold
    name = names.StatesErrorName(typ=kind)
    details = {"error": name.error_name, "cause": "The specified tolerated failure threshold was exceeded"}
    event = failures.FailureEvent(
        env=env,
        error_name=name,
        event_type=of.api().HistoryEventType.MapRunFailed,
        event_details={"mapRunFailedEventDetails": details},
    )
    failure: Exception = failures.FailureEventException(event)
    return failure
