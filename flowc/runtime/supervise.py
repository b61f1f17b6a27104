"""One attempt of a task, watched from outside: the parent of the process that runs user code.

An attempt that finds the task finished runs nothing. Otherwise a child runs the step; the parent
tees its output to the attempt's log, ends it at its time limit, makes the attempt the winner, and
writes the control outputs from the winning record, whoever's it is. A kill between marker and
outputs is mended by the next attempt.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
import traceback
from typing import TYPE_CHECKING, NamedTuple

from flowc import contract
from flowc.runtime.artifacts import UnpicklableArtifact
from flowc.runtime.caught import describe, ended_from_outside, store_failure
from flowc.runtime.execute import execute
from flowc.runtime.gang import Gang
from flowc.runtime.load import FlowNotFound
from flowc.runtime.parameters import ParameterFault
from flowc.runtime.records import MissingInput, Run, tell_successors, to_json
from flowc.runtime.say import say
from flowc.runtime.secrets import SecretFault, set_secrets
from flowc.runtime.store import StoreError
from flowc.runtime.task import FinalFault, ForeignRun

if TYPE_CHECKING:
    from typing import NoReturn

    from flowc.runtime.records import Record
    from flowc.runtime.settings import TaskSettings
    from flowc.runtime.store import Store

HEAD = TAIL = 5 << 20  # bytes of a log that are kept
UPLOAD_SECONDS = 5.0
GRACE_SECONDS = 10.0
GANG_SECONDS = 5.0  # between looks at whether another task of the gang failed
_FINAL_STATUS = 64  # a child's own word for a final fault; the parent says `settings.final_exit`


def supervise(settings: TaskSettings, store: Store) -> int:
    """Run one attempt; the exit code of the container. Raises StoreError before the step has run."""
    run = Run(store, settings.flow, settings.run_id)
    record = run.winner(settings.step, settings.path)
    if record is None:
        code = _attempt(settings, store, run)
        if code != contract.EXIT_OK:
            return settings.final_exit if code == _FINAL_STATUS else code
        record = run.finished(settings.step, settings.path)
    write_control(settings, run, record)
    return contract.EXIT_OK


def write_control(settings: TaskSettings, run: Run, record: Record) -> None:
    """The control outputs of a finished task, where each engine reads them, and its successors told."""
    tell_successors(run, settings.step, settings.path, settings.tells, record["targets"])
    control = {"next": record["next"]}
    if "splits" in record:
        indices = list(range(record["splits"]))
        control.update(n=len(indices), items=indices)
        run.store.put(settings.prefix + "/" + contract.ITEMS_OBJECT, [to_json(indices)])
        _write_file(settings.control_folder, contract.SPLITS_FILE, str(len(indices)))
    run.store.put(settings.prefix + "/" + contract.CONTROL_OBJECT, [to_json(control)])
    if record["next"]:
        _write_file(settings.control_folder, contract.NEXT_FILE, record["next"])


def _write_file(folder: str, name: str, text: str) -> None:
    if not folder:
        return
    path = os.path.join(folder, name)
    try:
        os.makedirs(folder, exist_ok=True)
        with open(path, "w", encoding="ascii") as stream:
            stream.write(text)
    except OSError as error:
        raise StoreError(f"cannot write the control output {path}: {error.strerror}") from error


def _attempt(settings: TaskSettings, store: Store, run: Run) -> int:
    attempts = settings.prefix + "/" + contract.ATTEMPTS_PREFIX
    earlier = [name for name in store.names(attempts) if name != settings.attempt]
    store.put(settings.attempt_prefix + "/begin.json", [to_json({"started": time.time()})])
    log = Log(store, settings.attempt_prefix + "/" + contract.LOG_OBJECT)
    sys.stdout.flush()
    sys.stderr.flush()
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _child(settings, store, len(earlier), writer)
    os.close(writer)
    gang = Gang(settings, run, len(earlier)) if settings.gang else None
    status, stop = _watch(pid, reader, settings.timeout, log, gang)
    log.close()
    code = _exit_code(status, stop)
    if gang is not None and code != contract.EXIT_OK:
        gang.fail()
    if stop is not None or os.WIFSIGNALED(status):
        _explain_end(settings, store, stop or Stop(code, f"was killed by signal {os.WTERMSIG(status)}"))
    store.put(settings.attempt_prefix + "/end.json", [to_json({"ended": time.time(), "exit": code})])
    if code == contract.EXIT_OK:
        run.mark(settings.step, settings.path, settings.attempt_prefix)
    return code


def _explain_end(settings: TaskSettings, store: Store, stop: Stop) -> None:
    """Say how the child was ended, to people and to a later attempt that completes the task."""
    say(f"{settings.task} {stop.how}")
    timed_out = stop.code == contract.EXIT_TIMEOUT
    store_failure(settings, store, ended_from_outside(settings.step, stop.how, timed_out=timed_out), {})


def _exit_code(status: int, stop: Stop | None) -> int:
    if stop is not None:
        return stop.code
    if os.WIFSIGNALED(status):
        return contract.EXIT_USER_ERROR
    return os.WEXITSTATUS(status)


# --------------------------------------------------------------------------- the child
def _child(settings: TaskSettings, store: Store, retry_count: int, output: int) -> NoReturn:
    os.setpgid(0, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a real stream, by now
    code = contract.EXIT_INFRASTRUCTURE
    try:
        code = _run_step(settings, store, retry_count)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run_step(settings: TaskSettings, store: Store, retry_count: int) -> int:
    try:
        os.environ.update(settings.document.get(contract.DOCUMENT_ENVIRONMENT, {}))
        set_secrets(settings.document.get(contract.DOCUMENT_SECRETS, []))
        execute(settings, store, retry_count)
    except ForeignRun as error:
        say(f"{settings.task}: {error}")
        return contract.EXIT_FINAL
    except (FinalFault, ParameterFault) as error:
        say(f"{settings.task}: {error}")
        _tell_engine(settings, store, error)
        return _FINAL_STATUS
    except (StoreError, MissingInput, FlowNotFound, SecretFault) as error:
        say(f"{settings.task}: {error}")
        return contract.EXIT_INFRASTRUCTURE
    except UnpicklableArtifact as error:
        say(f"{settings.task}: {error}")
        return contract.EXIT_USER_ERROR
    except SystemExit as error:
        return error.code if isinstance(error.code, int) and error.code else contract.EXIT_USER_ERROR
    except Exception as error:
        _print_user_traceback(error)
        if settings.catch is None:
            store_failure(settings, store, describe(error), {})
        return contract.EXIT_USER_ERROR
    return contract.EXIT_OK


def _tell_engine(settings: TaskSettings, store: Store, error: Exception) -> None:
    """An engine that never sees exit codes reads of a final fault where it looks for the transition."""
    if settings.final_exit != contract.EXIT_OK:
        return
    control: dict[str, object] = {"fault": str(error)}
    if isinstance(error, FinalFault) and error.count is not None:
        control.update(n=error.count, next=error.key)
    store.put(settings.prefix + "/" + contract.CONTROL_OBJECT, [to_json(control)])


def _print_user_traceback(error: BaseException) -> None:
    """The traceback without flowc's own frames, which say nothing to a user."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith(here)]
    if not frames:
        traceback.print_exception(type(error), error, error.__traceback__)
        return
    sys.stderr.write("Traceback (most recent call last):\n")
    sys.stderr.writelines(traceback.format_list(frames))
    sys.stderr.writelines(traceback.format_exception_only(type(error), error))


# --------------------------------------------------------------------------- the parent
class Log:
    """The first and last bytes of a task's output, uploaded now and then."""

    def __init__(self, store: Store, key: str) -> None:
        self._store = store
        self._key = key
        self._head = bytearray()
        self._tail = bytearray()
        self._dropped = 0
        self._uploaded = time.monotonic()
        self._dirty = False

    def write(self, chunk: bytes) -> None:
        """Take a piece of output, and upload all of it if the last upload is long ago."""
        room = HEAD - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:] if room > 0 else chunk
        if len(self._tail) > 2 * TAIL:
            self._dropped += len(self._tail) - TAIL
            del self._tail[:-TAIL]
        self._dirty = True
        if time.monotonic() - self._uploaded > UPLOAD_SECONDS:
            self.close()

    def close(self) -> None:
        """Upload what there is. A log that cannot be stored must not fail the task."""
        if not self._dirty:
            return
        self._uploaded = time.monotonic()
        pieces = [bytes(self._head)]
        if self._dropped:
            pieces.append(f"\n[flowc: {self._dropped} bytes left out]\n".encode())
        pieces.append(bytes(self._tail))
        try:
            self._store.put(self._key, pieces)
            self._dirty = False
        except StoreError as error:
            say(f"the log is not stored: {error}")


class Stop(NamedTuple):
    """That a task is ended from outside: the exit code it gets, and how, in words."""

    code: int
    how: str


def _watch(
    pid: int, reader: int, timeout: int | None, log: Log, gang: Gang | None
) -> tuple[int, Stop | None]:
    """Wait for the child, its output passed on; (wait status, why it was ended or None)."""
    deadline = None if timeout is None else time.monotonic() + timeout
    stops: list[Stop] = []

    def terminate(_signal: int, _frame: object) -> None:
        stops.append(Stop(contract.EXIT_TERMINATED, "was asked to stop (SIGTERM)"))

    before = signal.signal(signal.SIGTERM, terminate)
    look_at = time.monotonic() + GANG_SECONDS
    killed_at: float | None = None
    status: int | None = None
    try:
        while status is None:
            _pass_on(reader, log)
            if deadline is not None and time.monotonic() > deadline and not stops:
                stops.append(Stop(contract.EXIT_TIMEOUT, f"timed out after {timeout} s"))
            if gang is not None and not stops and time.monotonic() > look_at:
                look_at = time.monotonic() + GANG_SECONDS
                lost = gang.failed()
                if lost is not None:
                    how = f"stops, since rank {lost} of its gang failed"
                    stops.append(Stop(contract.EXIT_TERMINATED, how))
            if stops:
                killed_at = _end(pid, killed_at)
            found, waited = os.waitpid(pid, os.WNOHANG)
            status = waited if found else None
        while _pass_on(reader, log):
            pass
    finally:
        signal.signal(signal.SIGTERM, before)
        os.close(reader)
    return status, stops[0] if stops else None


def _end(pid: int, since: float | None) -> float:
    """SIGTERM to the child's group at first, SIGKILL after the grace."""
    now = time.monotonic()
    try:
        if since is None:
            os.killpg(pid, signal.SIGTERM)
        elif now - since > GRACE_SECONDS:
            os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    return now if since is None else since


def _pass_on(reader: int, log: Log) -> bool:
    """Pass on what the child has printed within a short wait; whether there was anything."""
    ready, _, _ = select.select([reader], [], [], 0.02)
    chunk = os.read(reader, 1 << 16) if ready else b""
    if not chunk:
        if ready:
            time.sleep(0.002)
        return False
    sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()
    log.write(chunk)
    return True
