"""One attempt of a task, in the process that runs the user's code.

A finished task, and one that an origin run finished, runs nothing: its control outputs are made
again from the winning record. Otherwise the step runs and the attempt commits itself. Whoever
watches this process adds what a process cannot say of itself: its log and a violent end.

Invariant: every way out is an exit code of `contract`; nothing is raised.
"""

from __future__ import annotations

import time
from os import environ, getpid

from flowc import contract
from flowc.runtime.commit import commit, write_control
from flowc.runtime.execute import execute
from flowc.runtime.leave import end_process
from flowc.runtime.origin import OriginFault, adopt
from flowc.runtime.records import MissingInput, Run, earlier_attempts, to_json
from flowc.runtime.say import last_words, say, write
from flowc.runtime.store import StoreError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Callable

    from flowc.runtime.settings import TaskSettings
    from flowc.runtime.store import Store

# Exit codes that mean something to an engine or to whoever watches; a user's own `sys.exit` may not.
_RESERVED = (
    contract.EXIT_OK,
    contract.EXIT_FINAL,
    contract.EXIT_INFRASTRUCTURE,
    contract.EXIT_TIMEOUT,
)


def run_attempt(settings: TaskSettings, run: Run) -> int:
    """Run one attempt of a task to its end; the exit code."""
    try:
        fresh = run.store.claim(settings.prefix)
        record = None if fresh else run.winner(settings.step, settings.path)
        if record is None:
            record = adopt(settings, run)
        if record is not None:
            write_control(settings, run, record)
            return contract.EXIT_OK
        return _run_step(settings, run, fresh=fresh)
    except BaseException as error:
        return _told(_exit_code_outside_step, settings, run, error)


def _run_step(settings: TaskSettings, run: Run, *, fresh: bool) -> int:
    retry_count = 0 if fresh else earlier_attempts(settings, run.store)
    _begin(settings, run.store, fresh=fresh)
    process = getpid()  # under a name of ours, since a step may replace those of `os`
    try:
        _prepare_environment(settings)
        record = execute(settings, run, retry_count)
    except BaseException as error:
        return _told(_exit_code, settings, run, error)
    finally:
        if getpid() != process:
            # A process that the flow forked where it was imported: the task is not its to finish.
            end_process(contract.EXIT_USER_ERROR)
    commit(settings, run, record)
    return contract.EXIT_OK


def _begin(settings: TaskSettings, store: Store, *, fresh: bool) -> None:
    """Note that the attempt begins."""
    if fresh:
        # Folder by folder: the first write would have to find out which of them are missing.
        store.claim(f"{settings.prefix}/{contract.ATTEMPTS_PREFIX}")
        store.claim(settings.attempt_prefix)
    store.put(f"{settings.attempt_prefix}/{contract.BEGIN_OBJECT}", [to_json({"started": time.time()})])


def _prepare_environment(settings: TaskSettings) -> None:
    variables = settings.document.get(contract.DOCUMENT_ENVIRONMENT)
    if variables:
        environ.update(variables)
    sources = settings.document.get(contract.DOCUMENT_SECRETS)
    if sources:
        from flowc.runtime.secrets import set_secrets

        set_secrets(sources)


# --------------------------------------------------------------------------- what went wrong
def _told(
    tell: Callable[[TaskSettings, Run, BaseException], int],
    settings: TaskSettings,
    run: Run,
    error: BaseException,
) -> int:
    """What `tell` says; a step may have left so little of its process that even that fails."""
    try:
        return tell(settings, run, error)
    except BaseException as second:
        last_words(f"{settings.task} failed", error)
        last_words("more cannot be said of it in the process that the step left", second)
        return contract.EXIT_USER_ERROR


def _exit_code(settings: TaskSettings, run: Run, error: BaseException) -> int:
    """Say what went wrong, keep it for a later attempt, and give its exit code."""
    from flowc.runtime.artifacts.unpicklable import NamelessArtifact, UnpicklableArtifact
    from flowc.runtime.load import FlowNotFound
    from flowc.runtime.parameters import ParameterFault
    from flowc.runtime.secrets import SecretFault
    from flowc.runtime.task import FinalFault, ForeignRun

    if isinstance(error, SystemExit):
        return _exit_of_user(settings, run.store, error)
    if isinstance(error, (FinalFault, ParameterFault, OriginFault)):
        say(f"{settings.task}: {error}")
        if not isinstance(error, ForeignRun):
            _tell_engine(settings, run.store, error)
        return contract.EXIT_FINAL
    if isinstance(error, (StoreError, MissingInput, FlowNotFound, SecretFault)):
        say(f"{settings.task}: {error}")
        return contract.EXIT_INFRASTRUCTURE
    if isinstance(error, (NamelessArtifact, UnpicklableArtifact)):
        say(f"{settings.task}: {error}")
    else:
        _show(error)
    _keep_failure(settings, run.store, error)
    return contract.EXIT_USER_ERROR


def _exit_code_outside_step(settings: TaskSettings, run: Run, error: BaseException) -> int:
    """What went wrong before the step ran, or after it: what no rule foresees is a fault of flowc's own."""
    from flowc.runtime.parameters import ParameterFault
    from flowc.runtime.task import FinalFault

    if isinstance(error, (FinalFault, OriginFault, ParameterFault, StoreError, MissingInput)):
        return _exit_code(settings, run, error)
    _show(error)
    return contract.EXIT_INFRASTRUCTURE


def _show(error: BaseException) -> None:
    from flowc.runtime.tracebacks import user_traceback

    write(user_traceback(error))


def _exit_of_user(settings: TaskSettings, store: Store, error: SystemExit) -> int:
    code = error.code
    if isinstance(code, str):
        write(code + "\n")
    say(
        f"{settings.task}: the step ended the process by sys.exit({_shown(code)}), before its self.next took effect"
    )
    _keep_failure(settings, store, error)
    usable = isinstance(code, int) and 0 < code < 256 and code not in _RESERVED
    return code if usable else contract.EXIT_USER_ERROR  # type: ignore[return-value]  # an int, as tested


def _shown(code: object) -> str:
    try:
        return repr(code)
    except BaseException:  # an object of the flow's own
        return f"<{type(code).__qualname__}>"


def _keep_failure(settings: TaskSettings, store: Store, error: BaseException) -> None:
    """Keep what was raised, unless `@catch` has done so, with the artifacts so far."""
    from flowc.runtime.caught import describe, store_failure

    try:
        if store.get(f"{settings.attempt_prefix}/{contract.FAILURE_OBJECT}") is None:
            store_failure(settings, store, describe(error), {})
    except StoreError as second:
        say(f"the exception is not stored: {second}")


def _tell_engine(settings: TaskSettings, store: Store, error: Exception) -> None:
    """An engine that never sees exit codes reads of a final fault where it looks for the transition."""
    from flowc.runtime.task import FinalFault

    if settings.final_exit != contract.EXIT_OK:
        return
    control: dict[str, object] = {"fault": str(error)}
    if isinstance(error, FinalFault):
        known = {"n": error.count, "next": error.key}
        control.update((name, value) for name, value in known.items() if value is not None)
    try:
        store.put(f"{settings.prefix}/{contract.CONTROL_OBJECT}", [to_json(control)])
    except StoreError as second:
        say(f"the engine cannot be told: {second}")
