"""The Step Functions target: from a checked program to a bundle.

The bundle: the state machine (one state a line), the CloudFormation template, the schema of the
input, and the code that `flowc deploy` uploads.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flowc.backends.base import Backend
from flowc.backends.naming import flow_name
from flowc.backends.stepfunctions.check import check
from flowc.backends.stepfunctions.deployment import read_deployment
from flowc.backends.stepfunctions.history import histories
from flowc.backends.stepfunctions.inputs import input_schema
from flowc.backends.stepfunctions.jobs import Jobs
from flowc.backends.stepfunctions.machine import describe, state_machine
from flowc.backends.stepfunctions.names import StateNames
from flowc.backends.stepfunctions.scope import Inputs
from flowc.backends.stepfunctions.sizes import check_made
from flowc.backends.stepfunctions.template import template
from flowc.manifest.bundle import Bundle, BundleFile
from flowc.manifest.digest import sha256_hex
from flowc.manifest.encode import compact_json, encode_json, one_line
from flowc.target.budget import Lowering, budgets

if TYPE_CHECKING:
    from flowc.backends.base import Emission
    from flowc.backends.stepfunctions.manifest import StateMachine
    from flowc.diagnostics.model import Sink
    from flowc.passes.bounds import Certificate

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
_MAX_INDENTED = 32  # scopes inside one another
_STATE_WIDTH = 100_000  # columns: a state stands on one line, unless others are inside it


def emit(emission: Emission, sink: Sink) -> Bundle:
    """Everything that is deployed. Reports what is too large for the target."""
    program, settings = emission.program, emission.settings
    machine = flow_name(program, settings)
    deployment = read_deployment(settings, emission.code)
    names = StateNames(program.graph.steps)
    jobs = Jobs(emission, deployment, names, machine=machine)
    shares = budgets(program.body, program.fanouts, settings.max_workers, static=False)
    distributed = histories(program, shares, settings.max_visits).distributed
    inputs = Inputs(
        program=program, settings=settings, budgets=shares, distributed=distributed, names=names, jobs=jobs.states
    )  # fmt: skip
    comment = describe(program.graph.name, peak_in_words(emission.certificate))
    definition = encode_machine(state_machine(inputs, jobs, comment))
    made = template(
        program,
        settings,
        deployment,
        jobs.definitions,
        machine=machine,
        placeholders=frozenset(_PLACEHOLDER.findall(definition.decode())),
        definition_key=f"{settings.stepfunctions.code_prefix}/{sha256_hex(definition)}.asl.json",
        distributed=bool(distributed),
    )
    check_made(program, jobs.definitions, made, definition, sink)
    files = [
        BundleFile(f"{machine}.asl.json", definition),
        BundleFile("template.json", encode_json(made).encode()),
        BundleFile("parameters.schema.json", encode_json(input_schema(program.graph)).encode()),
    ]
    if settings.code == "embed":
        files.append(BundleFile(f"code-{emission.code.sha256[:8]}.zip", emission.code.archive))
    return Bundle(tuple(files), definition)


def encode_machine(machine: StateMachine) -> bytes:
    """The definition as it is committed: a state a line, so that a diff names the states it changes.

    A state without others inside it is written first and stands in `machine` as text afterwards.
    Scopes nested deeper than anyone reads stand on one line, or indentation alone would fill it.
    """
    levels: list[list[dict[str, Any]]] = [[dict(machine)]]
    while levels[-1]:
        levels.append([inner for body in levels[-1] for inner in _inner(body["States"])])
    if len(levels) > _MAX_INDENTED:
        return (compact_json(machine) + "\n").encode()
    for body in (body for level in levels for body in level):
        states = body["States"]
        states.update({name: one_line(state) for name, state in states.items() if not _has_inner(state)})
    return encode_json(machine, width=_STATE_WIDTH, indent=1, spread=("States",)).encode()


def _inner(states: dict[str, Any]) -> list[dict[str, Any]]:
    """The scopes inside the states of one."""
    inner: list[dict[str, Any]] = []
    for state in states.values():
        if "ItemProcessor" in state:
            inner.append(state["ItemProcessor"])
        inner.extend(state.get("Branches", ()))
    return inner


def _has_inner(state: dict[str, Any]) -> bool:
    return "ItemProcessor" in state or "Branches" in state


def peak_in_words(certificate: Certificate) -> str:
    """The most that a run may use at once."""
    gpu = f", {certificate.peak_gpu} GPU" if certificate.peak_gpu else ""
    bound = "at most " if certificate.total_is_bound else ""
    return (
        f"peak {certificate.peak_tasks} tasks, {certificate.peak_cpu_millis / 1000:g} vCPU, "
        f"{certificate.peak_memory_mb} MB{gpu}, {bound}{certificate.total_tasks} tasks in all"
    )


STEPFUNCTIONS = Backend(
    name="stepfunctions",
    summary="AWS Step Functions with AWS Batch",
    check=check,
    emit=emit,
    lowering=Lowering.DYNAMIC,
)
