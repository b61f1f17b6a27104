"""Names that can be imported, so that a flow which only mentions them runs, and that say no when they are used.

They start, deploy or inspect runs from Python; flowc's commands do that.
"""

from __future__ import annotations

from flowc.dsl import MetaflowException

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class _Absent:
    """A class that cannot be instantiated; `instead` says what does its work."""

    instead = ""

    def __init__(self, *_args: Any, **_options: Any) -> None:
        raise MetaflowException(f"flowc has no `{type(self).__name__}`: {self.instead}")


class Runner(_Absent):
    """Runs flows from Python."""

    instead = "start the flow with `flowc run FILE` and read its results with `flowc.Flow(NAME).latest_run`"


class NBRunner(Runner):
    """Runs flows from a notebook's cell."""


class Deployer(_Absent):
    """Deploys flows from Python."""

    instead = "compile the flow with `flowc compile FILE --target …` and apply the manifests"


class NBDeployer(Deployer):
    """Deploys flows from a notebook's cell."""


class DeployedFlow(Deployer):
    """A flow as it is deployed."""


def package_sources(*_args: Any, **_options: Any) -> NoReturn:
    """Add files to the code package."""
    raise MetaflowException(
        "flowc has no `package_sources`: name the files with `--include` or in [tool.flowc]"
    )


def inspect_spin(*_args: Any, **_options: Any) -> NoReturn:
    """Look at what `spin` left."""
    raise MetaflowException("flowc has no `inspect_spin`: read a run's results with `flowc.Flow(NAME)`")
