"""The whole state machine: what happens before and after the flow's own states.

The first state stores the execution's input and names the run. With an exit hook the flow's states
are the one branch of a Parallel whose Catch leads to the hook; the run then still fails by the
error that came first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.stepfunctions import states
from flowc.backends.stepfunctions.expressions import evaluated
from flowc.backends.stepfunctions.lower import lower
from flowc.backends.stepfunctions.scope import Scope
from flowc.backends.stepfunctions.states import Names
from flowc.records import replace

if TYPE_CHECKING:
    from flowc.backends.stepfunctions.jobs import Jobs
    from flowc.backends.stepfunctions.manifest import Assign, State, StateMachine, States
    from flowc.backends.stepfunctions.scope import Inputs
    from flowc.ir.spec import ExitHook

ROOT_NAMES = Names("run_id", "run_uid", "path0", 0)
_RUN_ID = f"'{contract.SFN_RUN}' & $states.context.Execution.Name"
# Names of the machine's own states begin with a word that is no step's owner.
_OWNER = "flowc"


def state_machine(inputs: Inputs, jobs: Jobs, comment: str) -> StateMachine:
    """The definition of a flow; `jobs` has the job definitions afterwards."""
    program, settings = inputs.program, inputs.settings
    outer: States = {}
    init = inputs.names.beside(_OWNER, "init")
    begin: Assign = {
        ROOT_NAMES.run_id: evaluated(_RUN_ID),
        ROOT_NAMES.run_uid: evaluated("$states.context.Execution.Id"),
        ROOT_NAMES.path: contract.ROOT,
    }
    hook = program.graph.specs.exit_hook
    inner: States = outer if hook is None else {}
    names = ROOT_NAMES if hook is None else replace(ROOT_NAMES, depth=1)
    scope = Scope(states=inner, names=names, width=max(1, settings.max_workers))
    run = inputs.names.beside(_OWNER, "run")
    first = inputs.names.step(program.graph.start) if hook is None else run
    outer[init] = states.write_input(
        settings.stepfunctions.partition, program.graph.name, f"({_RUN_ID})", begin, first
    )
    start = lower(inputs, scope)
    if hook is None:
        outer[init]["Next"] = start
    else:
        _hook(inputs, jobs, hook, run, outer)
        outer[run]["Branches"] = [{"StartAt": start, "States": inner}]
    machine: StateMachine = {"Comment": comment, "QueryLanguage": "JSONata", "StartAt": init}
    if settings.run_timeout_seconds is not None:
        machine["TimeoutSeconds"] = settings.run_timeout_seconds
    machine["States"] = outer
    return machine


def _hook(inputs: Inputs, jobs: Jobs, hook: ExitHook, run: str, outer: States) -> None:
    """The states around the flow's own. A hook that fails changes nothing of how the run ends."""
    names = inputs.names
    failed, done, on_error, on_success = (
        names.beside(_OWNER, role) for role in ("failed", "done", "on_error", "on_success")
    )
    after_error = on_error if hook.on_error else failed
    after_success = on_success if hook.on_success else done
    first_error: Assign = {
        "error": evaluated("$states.errorOutput.Error"),
        "cause": evaluated("$exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : ''"),
    }
    outer[run] = states.parallel(
        [],
        after_success,
        [{"ErrorEquals": ["States.ALL"], "Assign": first_error, "Output": {}, "Next": after_error}],
    )
    for state, status, functions, following in (
        (on_success, contract.RUN_SUCCEEDED, hook.on_success, done),
        (on_error, contract.RUN_FAILED, hook.on_error, failed),
    ):
        if functions:
            job = jobs.exit_hook(ROOT_NAMES, status, [located.value for located in functions])
            job["Catch"] = [{"ErrorEquals": ["States.ALL"], "Output": {}, "Next": following}]
            outer[state] = states.then(job, following)
    outer[done] = {"Type": "Succeed", "Output": {}}
    outer[failed] = _first_error()


def _first_error() -> State:
    return {"Type": "Fail", "Error": evaluated("$error"), "Cause": evaluated("$cause")}


def describe(flow: str, peak: str) -> str:
    """The machine's comment, of inert characters alone."""
    return f"{contract.escape_name(flow)}, compiled by flowc: {peak}"
