"""The parts of the Amazon States Language that flowc writes (JSONata).

Source: states-language.net/spec.html, and the Step Functions developer guide for the services'
parameters. Only for type checkers: nothing imports this module at run time.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict

# A text, perhaps "{% a JSONata expression %}".
Expression: TypeAlias = str
Assign: TypeAlias = "dict[str, Expression | int]"


class Retrier(TypedDict, total=False):
    """Which errors are tried again, and how."""

    ErrorEquals: list[str]
    IntervalSeconds: int
    BackoffRate: int
    MaxDelaySeconds: int
    MaxAttempts: int
    JitterStrategy: Literal["FULL", "NONE"]


class Catcher(TypedDict, total=False):
    """Where a run goes on after an error."""

    ErrorEquals: list[str]
    Assign: Assign
    Output: dict[str, Any]
    Next: str


class Rule(TypedDict, total=False):
    """One way out of a Choice."""

    Condition: Expression
    Assign: Assign
    Next: str


class State(TypedDict, total=False):
    """Any state: `Type` says which fields it has."""

    Type: Literal["Task", "Pass", "Choice", "Fail", "Succeed", "Map", "Parallel"]
    Comment: str
    Resource: str
    Arguments: dict[str, Any]
    Choices: list[Rule]
    Default: str
    Error: Expression
    Cause: Expression
    Label: str
    Items: Expression | list[int]
    MaxConcurrency: Expression | int
    ItemReader: dict[str, Any]
    ItemSelector: dict[str, Expression | int]
    ItemProcessor: Processor
    Branches: list[Branch]
    Retry: list[Retrier]
    Catch: list[Catcher]
    Assign: Assign
    Output: dict[str, Any]
    Next: str
    End: bool


States: TypeAlias = "dict[str, State]"


class Branch(TypedDict):
    """A branch of a Parallel."""

    StartAt: str
    States: States


class Processor(TypedDict):
    """The body of a Map."""

    ProcessorConfig: dict[str, str]
    StartAt: str
    States: States


class StateMachine(TypedDict, total=False):
    """A definition."""

    Comment: str
    QueryLanguage: Literal["JSONata"]
    StartAt: str
    TimeoutSeconds: int
    States: States
