"""What happens in a local run, told as it happens: the scheduler says it, a report shows it."""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from flowc.records import dataclass


@dataclass(frozen=True, slots=True)
class Task:
    """A task by its step and path."""

    step: str
    path: str

    def __str__(self) -> str:
        return f"{self.step}/{self.path}"


@dataclass(frozen=True, slots=True)
class Adopted:
    """A task was taken over from the run that is resumed."""

    task: Task


class Why(Enum):
    """Why a task of a resumed run is not taken over."""

    ASKED = "from here on everything was to run"
    UNFINISHED = "not finished there"
    FOLLOWS = "something before it ran anew"


@dataclass(frozen=True, slots=True)
class Anew:
    """A task of a resumed run is not taken over."""

    task: Task
    why: Why


@dataclass(frozen=True, slots=True)
class Split:
    """A step chose to go on with `count` tasks of each step in its foreach or gang at `path`."""

    step: str
    path: str
    count: int


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt of a task runs, in a process or elsewhere: `where` is `pid 811`, say."""

    task: Task
    where: str


@dataclass(frozen=True, slots=True)
class Line:
    """A task printed a line, or flowc says one of it."""

    task: Task
    where: str
    text: str


@dataclass(frozen=True, slots=True)
class AttemptFailed:
    """An attempt ended with `code`; another follows after `delay` seconds, or none (None)."""

    task: Task
    where: str
    attempt: int
    attempts: int
    code: int
    delay: float | None


@dataclass(frozen=True, slots=True)
class Finished:
    """A task has its result."""

    task: Task


@dataclass(frozen=True, slots=True)
class Stopped:
    """A task was ended because the run ends."""

    task: Task


Event: TypeAlias = Adopted | Anew | Split | Started | Line | AttemptFailed | Finished | Stopped
