"""The states that run a step, and the job definitions they use.

Steps that differ in nothing but their own variables share a job definition, which is named after
the first of them; a definition says all that is the same for every task of its steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.stepfunctions import states
from flowc.backends.stepfunctions.account import runs_on_eks
from flowc.backends.stepfunctions.expressions import evaluated
from flowc.backends.stepfunctions.guards import followed_by_guard
from flowc.backends.task_settings import flow_environment, task_environment
from flowc.manifest.encode import compact_json
from flowc.platform import attributes, bootstrap
from flowc.platform.batch.job import job_definition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.backends.base import Emission
    from flowc.backends.stepfunctions.deployment import Deployment
    from flowc.backends.stepfunctions.manifest import Retrier, State
    from flowc.backends.stepfunctions.names import StateNames
    from flowc.backends.stepfunctions.states import Names
    from flowc.ir.resources import Resources
    from flowc.ir.spec import StepSpec
    from flowc.platform.batch.manifest import JobDefinition, Variable

PLAIN_SECRETS = "aws-secrets-manager"  # what a secret given by name alone is on this target
# AWS_BATCH_JOB_ID, which the shim appends, tells one attempt from another.
_ATTEMPT = "batch"

# The service's own words for why a job ended, where the error carries them.
_REASON = (
    """$contains($states.errorOutput.Cause, '"StatusReason":"') """
    """? $substring($substringBefore($substringAfter($states.errorOutput.Cause, '"StatusReason":"'), '"'), 0, 200) """
    """: $states.errorOutput.Error"""
)


class Jobs:
    """Makes jobs; `definitions` are those asked for so far, by logical id, in the order of their first step."""

    def __init__(
        self, emission: Emission, deployment: Deployment, names: StateNames, *, machine: str
    ) -> None:
        self.program = emission.program
        self.settings = emission.settings
        self.code = emission.code
        self.deployment = deployment
        self.names = names
        self.machine = machine
        self.definitions: dict[str, JobDefinition] = {}
        self._ids: dict[str, str] = {}  # by content
        self._kinds: dict[tuple[Resources, int | None, int], str] = {}

    def states(self, step: str, names: Names, following: str | None) -> dict[str, State]:
        """The states that run a step's task; its `__catch` takes over where the engine gave a container up."""
        spec = self.program.graph.steps[step].spec
        # A pod mounts a secret given by name itself; a Batch job fetches it.
        plain = None if runs_on_eks(spec, self.settings) else PLAIN_SECRETS
        own = task_environment(self.program, self.settings, step, plain_secrets=plain)
        if followed_by_guard(self.program, step):
            own.insert(1, (contract.ENV_FINAL_EXIT, "0"))
        variables = [*states.task_variables(names), *own]
        name = self.names.step(step)
        state = self._submit(step, spec, variables)
        if spec.retry is not None and spec.retry.times:
            state["Retry"] = [*state["Retry"], states.user_retrier(spec.retry)]
        if spec.catch is None:
            return {name: states.then(_quiet(state), following)}
        # The last attempt runs no user code: it stores the exception, or that the task was killed.
        caught, reason = self.names.beside(step, "catch"), names.killed
        state["Catch"] = [
            {
                "ErrorEquals": ["States.ALL"],
                "Assign": {reason: evaluated(_REASON)},
                "Output": {},
                "Next": caught,
            }
        ]
        last = self._submit(step, spec, [*variables, (contract.ENV_KILLED, evaluated("$" + reason))])
        return {name: states.then(_quiet(state), following), caught: states.then(_quiet(last), following)}

    def exit_hook(self, names: Names, status: str, functions: Sequence[str]) -> State:
        """The job that calls functions of the flow's module when the run is over."""
        from flowc.ir.spec import StepSpec

        variables = [
            *states.task_variables(names),
            (contract.ENV_STEP, contract.EXIT_HOOK_STEP),
            (contract.ENV_RUN_STATUS, status),
            (contract.ENV_HOOKS, ",".join(contract.escape_name(name) for name in functions)),
        ]
        return _quiet(self._submit(contract.EXIT_HOOK_STEP, StepSpec(), variables))

    def _submit(self, step: str, spec: StepSpec, variables: Sequence[tuple[str, str]]) -> State:
        if runs_on_eks(spec, self.settings):
            return self._run_on_eks(step, spec, variables)
        retriers: list[Retrier] = [states.BATCH_THROTTLED]
        return {
            "Type": "Task",
            "Resource": f"arn:{self.settings.stepfunctions.partition}:states:::batch:submitJob.sync",
            "Arguments": {
                "JobName": job_name(self.machine, step),
                "JobQueue": attributes.text(spec.batch, "queue") or "${JobQueue}",
                "JobDefinition": "${" + self._definition(step, spec) + "}",
                "ContainerOverrides": {"Environment": states.environment(variables)},
            },
            "Retry": retriers,
        }

    def _run_on_eks(self, step: str, spec: StepSpec, variables: Sequence[tuple[str, str]]) -> State:
        from flowc.backends.stepfunctions import eks

        sha256 = self.code.sha256 if self.settings.code == "embed" else None
        shared = [*flow_environment(self.program, self.settings), *eks.shared_variables(sha256)]
        command = bootstrap.one_line_command(self.settings.code)
        return eks.run_job(self.machine, step, spec, [*shared, *variables], command, self.settings)

    def _definition(self, step: str, spec: StepSpec) -> str:
        """The logical id of a step's job definition, made where no step before needed the same."""
        timeout = spec.timeout_seconds.value if spec.timeout_seconds is not None else None
        kind = spec.resources, timeout, id(spec.batch)
        if kind not in self._kinds:
            self._kinds[kind] = self._define(step, spec)
        return self._kinds[kind]

    def _define(self, step: str, spec: StepSpec) -> str:
        """The same for steps whose decorators are not the same but say the same."""
        deployment, own = self.deployment, self.settings.stepfunctions
        definition = job_definition(
            spec,
            platform=own.platform,
            image=deployment.image,
            command=bootstrap.command(self.settings.code),
            environment=self._environment(),
            job_role=deployment.job_role,
            execution_role=deployment.execution_role,
            infrastructure_retries=self.settings.infrastructure_retries,
        )
        content = compact_json(definition)
        if content not in self._ids:
            identifier = self._identifier(step)
            self._ids[content] = identifier
            self.definitions[identifier] = definition
        return self._ids[content]

    def _environment(self) -> list[Variable]:
        shared: list[Variable] = [
            {"Name": name, "Value": value} for name, value in flow_environment(self.program, self.settings)
        ]
        shared.append({"Name": contract.ENV_ATTEMPT_ID, "Value": _ATTEMPT})
        shared.append({"Name": contract.ENV_DATASTORE, "Value": self.deployment.datastore})
        if self.settings.code == "embed":
            shared.append({"Name": contract.ENV_CODE, "Value": self.deployment.code})
            shared.append({"Name": contract.ENV_CODE_SHA256, "Value": self.code.sha256})
        return shared

    def _identifier(self, step: str) -> str:
        """A logical id holds letters and digits alone, 255 of them."""
        words = contract.escape_name(step).replace("-", "_").split("_")
        wanted = "Job" + "".join(word[:1].upper() + word[1:] for word in words)[:200]
        identifier, number = wanted, 2
        while identifier in self.definitions:
            identifier, number = f"{wanted}{number}", number + 1
        return identifier


def job_name(machine: str, step: str) -> str:
    """What a job is called in the console: at most 128 of Batch's characters, a letter or digit first."""
    return f"{machine}-{contract.escape_name(step)}"[:128]


def _quiet(state: State) -> State:
    """A task's result is of no interest: what it left is in the datastore."""
    state["Output"] = {}
    return state
