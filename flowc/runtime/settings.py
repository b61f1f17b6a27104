"""A task's settings, as the manifest wrote them into the environment."""

from __future__ import annotations

import json
import os

from flowc import contract
from flowc.records import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class SettingsError(Exception):
    """The environment of a task lacks a setting or holds one that cannot be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSettings:
    """Which task this is, where its data lies, and what the flow says of its step."""

    datastore: str
    flow: str
    run_id: str
    run_uid: str
    step: str
    path: str
    attempt: str
    entry: str
    root: str = ""
    inputs: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    max_num_splits: int = contract.MAX_NUM_SPLITS
    max_visits: int = contract.MAX_VISITS
    timeout: int | None = None
    retries: int = 0
    catch: str | None = None
    caught_next: tuple[str, ...] = ()
    final_exit: int = contract.EXIT_FINAL
    gang: bool = False
    killed: str = ""
    control_folder: str = contract.CONTROL_FOLDER
    project: str = ""
    parameters: str | None = None
    origin_run: str = ""
    from_step: str = ""
    document: dict[str, Any] = field(default_factory=dict)

    @property
    def task(self) -> str:
        """The task in messages: `flow/run/step/path`."""
        return f"{self.flow}/{self.run_id}/{self.step}/{self.path}"

    @property
    def prefix(self) -> str:
        """The task's folder in the datastore."""
        return contract.task_prefix(self.flow, self.run_id, self.step, self.path)

    @property
    def attempt_prefix(self) -> str:
        """The attempt's own folder."""
        return f"{self.prefix}/{contract.ATTEMPTS_PREFIX}/{self.attempt}"


def read_settings(environment: Mapping[str, str], root: str) -> TaskSettings:
    """Parse the environment of a task, and what its document adds. Raises SettingsError.

    `root` is the folder of the project's files; `entry` becomes a path on this machine.
    """
    document = _document(environment.get(contract.ENV_DOCUMENT))
    environment = {**environment, **document.get(contract.DOCUMENT_SETTINGS, {})}
    catch = environment.get(contract.ENV_CATCH)
    timeout = environment.get(contract.ENV_TIMEOUT)
    return TaskSettings(
        datastore=_required(environment, contract.ENV_DATASTORE),
        flow=_name(environment, contract.ENV_FLOW),
        run_id=_required(environment, contract.ENV_RUN_ID),
        run_uid=environment.get(contract.ENV_RUN_UID, ""),
        step=_step(environment),
        path=_required(environment, contract.ENV_PATH),
        attempt=_attempt(environment),
        entry=os.path.join(root, *_required(environment, contract.ENV_ENTRY).split("/")),
        root=root,
        inputs=_words(environment.get(contract.ENV_INPUTS, "")),
        tells=_words(environment.get(contract.ENV_TELLS, "")),
        max_num_splits=_number(environment, contract.ENV_MAX_NUM_SPLITS, contract.MAX_NUM_SPLITS),
        max_visits=_number(environment, contract.ENV_MAX_VISITS, contract.MAX_VISITS),
        timeout=None if timeout is None else _number(environment, contract.ENV_TIMEOUT, 0),
        retries=_number(environment, contract.ENV_RETRIES, 0),
        catch=None if catch is None else contract.unescape_name(catch),
        caught_next=tuple(
            contract.unescape_name(t) for t in environment.get(contract.ENV_NEXT, "").split("+") if t
        ),
        final_exit=_number(environment, contract.ENV_FINAL_EXIT, contract.EXIT_FINAL),
        gang=environment.get(contract.ENV_GANG) == "1",
        killed=environment.get(contract.ENV_KILLED, ""),
        control_folder=environment.get(contract.ENV_CONTROL_FOLDER, contract.CONTROL_FOLDER),
        project=environment.get(contract.ENV_PROJECT, ""),
        parameters=environment.get(contract.ENV_PARAMETERS),
        origin_run=environment.get(contract.ENV_ORIGIN_RUN, ""),
        from_step=environment.get(contract.ENV_FROM_STEP, ""),
        document=document,
    )


def settings_of_step(environment: Mapping[str, str], root: str) -> TaskSettings:
    """What the tasks of a step are told alike: path and attempt are to be replaced. Raises SettingsError."""
    return read_settings(
        {**environment, contract.ENV_PATH: contract.ROOT, contract.ENV_ATTEMPT_ID: "none"}, root
    )


def _step(environment: Mapping[str, str]) -> str:
    word = _required(environment, contract.ENV_STEP)
    return word if word == contract.EXIT_HOOK_STEP else _name(environment, contract.ENV_STEP)


def _name(environment: Mapping[str, str], variable: str) -> str:
    word = _required(environment, variable)
    try:
        return contract.unescape_name(word)
    except (ValueError, OverflowError):
        raise SettingsError(f"{variable} is {word!r}, which spells no name") from None


def _attempt(environment: Mapping[str, str]) -> str:
    # Batch repeats the environment for its own retries, so its attempt belongs to the id.
    parts = [_required(environment, contract.ENV_ATTEMPT_ID)]
    parts += [environment[n] for n in ("AWS_BATCH_JOB_ID", "AWS_BATCH_JOB_ATTEMPT") if n in environment]
    return "-".join(parts).replace("/", "-")


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set: a task is started by a manifest or by `flowc run`")
    return value


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, "")
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        raise SettingsError(f"{name} is {text!r}, not a whole number") from None


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _document(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    from binascii import a2b_base64  # only here, for the sake of processes that tasks are forked from

    try:
        document = json.loads(a2b_base64(text))
    except ValueError as error:
        raise SettingsError(f"{contract.ENV_DOCUMENT} cannot be read: {error}") from error
    if not isinstance(document, dict):
        raise SettingsError(f"{contract.ENV_DOCUMENT} is not an object")
    return document
