"""The shim's command line: `flowc step NAME`, or `python shim.pyz step NAME`.

All else comes from the environment (see `contract`). Exit codes tell user errors, final faults,
infrastructure and timeouts apart.
"""

from __future__ import annotations

import os
import sys

from flowc import contract
from flowc.runtime.code import code_root
from flowc.runtime.load import FlowNotFound
from flowc.runtime.output import open_streams
from flowc.runtime.records import MissingInput
from flowc.runtime.say import say
from flowc.runtime.settings import SettingsError, read_settings
from flowc.runtime.store import StoreError, open_store
from flowc.runtime.store.patience import be_patient
from flowc.runtime.supervise import supervise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str]) -> int:
    """Run what the arguments say; the process's exit code."""
    if len(arguments) != 2 or arguments[0] != "step":
        say("usage: step NAME")
        return 2
    if None in (sys.stdin, sys.stdout, sys.stderr):
        open_streams()
    environment = dict(os.environ)
    environment.setdefault(contract.ENV_STEP, arguments[1])
    try:
        settings = read_settings(environment, code_root())
        if settings.step == contract.EXIT_HOOK_STEP:
            from flowc.runtime.hooks import call_hooks

            return call_hooks(settings, environment)
        be_patient()
        return supervise(settings, open_store(settings.datastore))
    except SettingsError as error:
        say(str(error))
        return 2
    except (StoreError, MissingInput, FlowNotFound) as error:
        say(str(error))
        return contract.EXIT_INFRASTRUCTURE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
