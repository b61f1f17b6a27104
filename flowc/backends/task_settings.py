"""What a step's container is told, in the words of `contract`, the same on every target.

A step's own settings are environment variables. Text of the flow stands bare in one only where
every character of it is inert (`contract.is_inert`); all other text travels in FLOWC_DOCUMENT,
the base64 of one JSON object, whose keys are the `DOCUMENT_…` words of `contract`.

Invariant: every name and value made here is inert, whatever the flow's text is.
"""

from __future__ import annotations

import json
from binascii import b2a_base64
from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.naming import project_branch
from flowc.ir.graph import Foreach, Fork, Gang, Goto, key_of, simple_transitions
from flowc.ir.params import ParameterType
from flowc.ir.values import Const

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flowc.ir.graph import Step
    from flowc.ir.params import Parameter
    from flowc.ir.program import Program
    from flowc.ir.spec import Secret, StepSpec
    from flowc.ir.values import Constant
    from flowc.target.settings import Settings

Variables = list[tuple[str, str]]


def flow_environment(program: Program, settings: Settings) -> Variables:
    """What every step of the flow is told alike: the flow's name, file and project.

    What is not inert is left out here and stands in each step's document.
    """
    return [(name, value) for name, value in _flow_settings(program, settings) if contract.is_inert(value)]


def task_environment(
    program: Program,
    settings: Settings,
    step: str,
    *,
    plain_secrets: str | None = None,
    defaults: Mapping[str, str] | None = None,
) -> Variables:
    """The variables of one step: its FLOWC_STEP, its settings, the user's own, the document last.

    `plain_secrets` is the type that a source given by name alone has on the target; None where the
    target mounts such a secret itself and the shim fetches only the typed ones.
    `defaults` are the parameters' defaults that the manifest cannot hold as values; they and the
    loaded configs go to the first step alone, which writes them where all tasks read them.
    """
    subject = program.graph.steps[step]
    own = [(contract.ENV_STEP, contract.escape_name(step)), *_step_settings(program, settings, subject)]
    environment = {name: located.value for name, located in subject.spec.environment.items()}
    document: dict[str, object] = {
        contract.DOCUMENT_SETTINGS: {
            n: v for n, v in _flow_settings(program, settings) if not contract.is_inert(v)
        },
        contract.DOCUMENT_ENVIRONMENT: {n: v for n, v in environment.items() if not contract.is_inert(v)},
        contract.DOCUMENT_SECRETS: _secrets(subject.spec, plain_secrets),
    }
    if step == program.graph.start:
        document[contract.DOCUMENT_DEFAULTS] = dict(defaults or {})
        document[contract.DOCUMENT_CONFIGS] = _config_values(program)
        if program.graph.asks_graph:
            from flowc.ir.described import described  # few flows do

            document[contract.DOCUMENT_GRAPH] = described(program)
    inert = [(name, value) for name, value in environment.items() if contract.is_inert(value)]
    return [*own, *inert, *_document_variable(document)]


def flow_document(program: Program, settings: Settings) -> Variables:
    """The document of a task that is no step's: what `flow_environment` had to leave out."""
    hidden = {
        name: value for name, value in _flow_settings(program, settings) if not contract.is_inert(value)
    }
    return _document_variable({contract.DOCUMENT_SETTINGS: hidden})


def encode_document(document: Mapping[str, object]) -> str:
    """The base64 of the document: ASCII, and the same for the same content.

    Names are sorted, but within a configuration, which a flow may go over in the order of its file.
    """
    ordered = {
        key: dict(sorted(value.items())) if isinstance(value, dict) else value
        for key, value in sorted(document.items())
    }
    text = json.dumps(ordered, separators=(",", ":"), default=_plain)
    return b2a_base64(text.encode(), newline=False).decode()


def default_text(parameter: Parameter) -> str | None:
    """A parameter's default as the text an engine passes; None where there is none or only code gives it."""
    if not isinstance(parameter.default, Const) or parameter.default.value is None:
        return None
    value = parameter.default.value
    if isinstance(value, str):
        return value
    if parameter.type is ParameterType.LIST and isinstance(value, list | tuple):
        return (parameter.separator or ",").join(str(item) for item in value)
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _flow_settings(program: Program, settings: Settings) -> Variables:
    said = [
        (contract.ENV_FLOW, contract.escape_name(program.graph.name)),
        (contract.ENV_ENTRY, program.graph.file),
    ]
    project = program.graph.specs.project
    if project is not None:
        said.append((contract.ENV_PROJECT, project_branch(project, settings)))
    return said


def _step_settings(program: Program, settings: Settings, step: Step) -> Iterator[tuple[str, str]]:
    spec = step.spec
    wiring = program.wiring[step.name]
    if wiring.inputs:
        yield contract.ENV_INPUTS, wiring.inputs
    if wiring.tells:
        yield contract.ENV_TELLS, wiring.tells
    splits = _max_num_splits(program, settings, step)
    if splits is not None:
        yield contract.ENV_MAX_NUM_SPLITS, str(splits)
    if _goes_back(wiring.tells):
        yield contract.ENV_MAX_VISITS, str(settings.max_visits)
    if spec.timeout_seconds is not None:
        yield contract.ENV_TIMEOUT, str(spec.timeout_seconds.value)
    if spec.retry is not None and spec.retry.times:
        yield contract.ENV_RETRIES, str(spec.retry.times)
    if spec.catch is not None:
        yield contract.ENV_CATCH, contract.escape_name(spec.catch.var or "")
    if spec.catch is not None or spec.kept:
        yield from _static_next(step)
    if spec.parallel is not None:
        yield contract.ENV_GANG, "1"


def _static_next(step: Step) -> Iterator[tuple[str, str]]:
    """The transition that the shim makes for a step that was caught, or skipped by a user's decorator."""
    match step.transition:
        case Goto() | Fork():
            yield contract.ENV_NEXT, key_of(step.transition)
        case _:
            return


def _goes_back(tells: str) -> bool:
    """Whether one of the edges told of is a back edge of a loop."""
    return any(contract.AGAIN in word.partition("~")[2] for word in tells.split(","))


def _max_num_splits(program: Program, settings: Settings, step: Step) -> int | None:
    """The most items that the step may split into; None where it does not split over items."""
    for _, simple in simple_transitions(step.transition):
        if isinstance(simple, Foreach | Gang):
            known = program.fanouts.get((step.name, key_of(simple)))
            if known is not None:
                return known.max_num_splits
            asked = step.spec.fanout and step.spec.fanout.max_num_splits
            return asked or settings.max_num_splits
    return None


def _secrets(spec: StepSpec, plain_type: str | None) -> list[dict[str, object]]:
    """The sources that the shim fetches, in their order."""
    typed = [(secret.type or plain_type, secret) for secret in spec.secrets]
    return [_secret_object(kind, secret) for kind, secret in typed if kind is not None]


def _secret_object(kind: str, secret: Secret) -> dict[str, object]:
    found: dict[str, object] = {"type": kind, "id": secret.name}
    if secret.options:
        found["options"] = dict(secret.options)
    if secret.role is not None:
        found["role"] = secret.role
    if secret.allow_override:
        found["allow_override"] = True
    return found


def _config_values(program: Program) -> dict[str, Constant]:
    return {name: c.value.value for name, c in program.graph.configs.items() if isinstance(c.value, Const)}


def _document_variable(document: Mapping[str, object]) -> Variables:
    """FLOWC_DOCUMENT, or nothing where there is nothing to say."""
    said = {key: value for key, value in document.items() if value}
    return [(contract.ENV_DOCUMENT, encode_document(said))] if said else []


def _plain(value: object) -> object:
    """What JSON has no word for, as the nearest it has."""
    if isinstance(value, range | set | frozenset):
        return list(value) if isinstance(value, range) else sorted(value, key=repr)
    return str(value)
