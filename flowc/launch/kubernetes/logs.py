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
_LONGEST_PAUSE = 8.0  # while a node does not answer
_END_SECONDS = 5.0  # between the end of a container's log and the news of its end
_TRIES = 5  # in a row without a line, once the pod has ended


async def follow(api: Api, namespace: str, task: Awaited, listener: Listener) -> bool:
    """Pass on all that the pod prints, to its end; whether there was anything to read."""
    log, failures, pause = _Log(api, namespace, task.name, listener), 0, _PAUSE
    while failures < _TRIES:
        before, broken = log.last, False
        try:
            await log.read()
        except (Broken, OSError):
            broken = True
        except (LaunchFault, Expired) as error:
            task.say(f"its output is shown at its end: {error}")
            return False
        if log.last != before:
            failures, pause = 0, _PAUSE
        if broken and task.over():
            failures += 1
            await asyncio.sleep(_PAUSE)
            continue
        # The stream of a container that has ended ends; one of a container that runs was dropped.
        if await task.ended_within(pause if broken else max(pause, _END_SECONDS)) and not broken:
            return bool(log.last)
        pause = min(2 * pause, _LONGEST_PAUSE)
    if log.last:
        task.say("the rest of its output cannot be read from the pod; `flowc logs` has it")
    return bool(log.last)


class _Log:
    """The log of a pod as far as it was passed on: `last` is the time of the newest line, "" before the first."""

    def __init__(self, api: Api, namespace: str, name: str, listener: Listener) -> None:
        self.last = ""
        self._api, self._namespace, self._name, self._listener = api, namespace, name, listener

    async def read(self) -> None:
        """Pass on what comes until the stream ends. Raises as `Api.watch`."""
        async with aclosing(self._api.log(self._namespace, self._name, self.last or None)) as lines:
            async for line in lines:
                stamp, text = _stamped(line)
                if _after(stamp, self.last):
                    self.last = stamp
                    self._listener.output(text + b"\n")


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
