"""What a pod prints, passed on line by line while it runs.

Every line comes with its time, by which a stream that was dropped goes on without a line lost or repeated.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import aclosing
from typing import TYPE_CHECKING

from flowc.launch.base import LaunchFault
from flowc.launch.kubernetes.api import Expired
from flowc.launch.kubernetes.http import Broken

if TYPE_CHECKING:
    from flowc.launch.awaited import Awaited
    from flowc.launch.base import Listener
    from flowc.launch.kubernetes.api import Api

_PAUSE = 1.0
_LONGEST_PAUSE = 8.0  # between requests for the log of a container whose end a busy node has yet to report
_TRIES = 5  # in a row without a line, once the pod has ended


async def follow(api: Api, namespace: str, task: Awaited, listener: Listener) -> bool:
    """Pass on all that the pod prints, to its end; whether there was anything to read."""
    last, failures, pause = "", 0, _PAUSE
    while True:
        try:
            async with aclosing(api.log(namespace, task.name, last or None)) as lines:
                async for line in lines:
                    stamp, text = _stamped(line)
                    if _after(stamp, last):
                        last, failures, pause = stamp, 0, _PAUSE
                        listener.output(text + b"\n")
        except (Broken, OSError):
            failures += 1
        except (LaunchFault, Expired) as error:
            task.say(f"its output is shown at its end: {error}")
            return False
        else:
            # The stream of a container that has ended ends; one of a container that runs was dropped.
            if await task.ended_within(pause):
                return bool(last)
            pause = min(2 * pause, _LONGEST_PAUSE)
            continue
        if task.over() and failures >= _TRIES:
            if last:
                task.say("the rest of its output cannot be read from the pod; `flowc logs` has it")
            return bool(last)
        await asyncio.sleep(_PAUSE)


def _stamped(line: bytes) -> tuple[str, bytes]:
    """The time and the text of a line. Raises Broken for a word of the node's own where it cannot read the log."""
    found = re.match(rb"(\d{4}-\d\d-\d\dT\S+) ?(.*)", line, re.DOTALL)
    if found is None:
        raise Broken(line.decode(errors="replace"))
    return found[1].decode(errors="replace"), found[2]


def _after(stamp: str, last: str) -> bool:
    """Whether a line is later than another: RFC 3339 with up to nine decimals, not all of which are written."""
    return not last or _comparable(stamp) > _comparable(last)


def _comparable(stamp: str) -> tuple[str, str]:
    seconds, _, decimals = stamp.removesuffix("Z").partition(".")
    return seconds, decimals.ljust(9, "0")
