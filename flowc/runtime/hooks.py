"""The functions of `@exit_hook`, called after a run by a task of their own."""

from __future__ import annotations

import inspect
import sys

from flowc import contract
from flowc.runtime.load import FlowNotFound, load_flow
from flowc.runtime.say import say, write
from flowc.runtime.tracebacks import user_traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowc.runtime.settings import TaskSettings


def call_hooks(settings: TaskSettings, environment: Mapping[str, str]) -> int:
    """Call every function in order, whatever an earlier one raises; 1 if any raised."""
    names = [contract.unescape_name(n) for n in environment.get(contract.ENV_HOOKS, "").split(",") if n]
    status = environment.get(contract.ENV_RUN_STATUS, "")
    module = sys.modules[load_flow(settings.entry, settings.flow, settings.root).__module__]
    code = contract.EXIT_OK
    for name in names:
        hook = getattr(module, name, None)
        if hook is None:
            raise FlowNotFound(f"{settings.entry} has no function `{name}` for @exit_hook")
        say(f"exit hook `{name}` (the run {status})")
        try:
            _call(hook, settings)
        except Exception as error:
            write(user_traceback(error))
            code = contract.EXIT_USER_ERROR
    return code


def _call(hook: Callable[..., object], settings: TaskSettings) -> None:
    """As in Metaflow, a hook that has a parameter `run` is given the run, as its client shows it."""
    wanted = inspect.signature(hook).parameters
    takes_run = "run" in wanted or any(p.kind is p.VAR_KEYWORD for p in wanted.values())
    if takes_run:
        hook(run=_run(settings))
    else:
        hook()


def _run(settings: TaskSettings) -> object:
    """The run that has ended; None for one that ended before it left anything to read."""
    from flowc.runtime.api.exceptions import MetaflowNotFound
    from flowc.runtime.client import Run

    try:
        return Run(f"{settings.flow}/{settings.run_id}")
    except MetaflowNotFound as error:
        say(f"exit hooks get no run: {error}")
        return None
