"""The flow's exit hooks, called when a local run has ended: by the shim, as a container calls them."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.task_settings import flow_document
from flowc.launch.server_process import module_path
from flowc.local.events import Line, Task
from flowc.local.lines import Lines
from flowc.local.run import common_environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.local.events import Event
    from flowc.local.run import LocalRun, TaskFailed

_HOOKS = Task(contract.EXIT_HOOK_STEP, contract.ROOT)


def call_hooks(run: LocalRun, failed: TaskFailed | None, tell: Callable[[Event], None]) -> None:
    """Call the hooks that are for this ending. What they raise is shown and changes nothing."""
    hook = run.program.graph.specs.exit_hook
    functions = () if hook is None else hook.on_success if failed is None else hook.on_error
    if not functions:
        return
    told = {
        **common_environment(run),
        **dict(flow_document(run.program, run.settings)),
        contract.ENV_STEP: contract.EXIT_HOOK_STEP,
        contract.ENV_PATH: contract.ROOT,
        contract.ENV_ATTEMPT_ID: f"local-{os.getpid()}",
        contract.ENV_HOOKS: ",".join(contract.escape_name(function.value) for function in functions),
        contract.ENV_RUN_STATUS: contract.RUN_SUCCEEDED if failed is None else contract.RUN_FAILED,
    }
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "flowc.runtime.main", "step", contract.EXIT_HOOK_STEP],
            cwd=run.root,
            env={**os.environ, **told, **module_path()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        text = f"flowc: the exit hooks are not called: no process can be started: {error.strerror}"
        tell(Line(_HOOKS, "", text))
        return
    with process:
        _show(process, tell)


def _show(process: subprocess.Popen[bytes], tell: Callable[[Event], None]) -> None:
    where, lines = f"pid {process.pid}", Lines()
    for chunk in process.stdout or ():
        for line in lines.feed(chunk):
            tell(Line(_HOOKS, where, line))
    for line in lines.flush():
        tell(Line(_HOOKS, where, line))
