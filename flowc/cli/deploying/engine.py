"""Which engine a command talks to, and how its faults end the command."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from flowc.deploy.faults import DeployFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.deploy.argo.cluster import Cluster

P = ParamSpec("P")
F = TypeVar("F", bound="Callable[..., object]")


def engine_command(function: Callable[P, int]) -> Callable[P, int]:
    """A fault of an engine ends the command with its message."""

    @functools.wraps(function)
    def run(*args: P.args, **options: P.kwargs) -> int:
        try:
            return function(*args, **options)
        except DeployFault as fault:
            raise click.ClickException(str(fault)) from fault

    return run


def context_option(function: F) -> F:
    """Add `--context`."""
    return click.option("--context", metavar="NAME", help="argo: a context of the kubeconfig.")(function)


def namespace_option(function: F) -> F:
    """Add `--namespace`, for commands without settings."""
    return click.option("--namespace", metavar="NAME", help="argo: instead of the context's.")(function)


def dry_run_option(function: F) -> F:
    """Add `--dry-run`."""
    return click.option("--dry-run", is_flag=True, help="Print what would be done, and do nothing.")(function)


def open_cluster(context: object, namespace: str | None) -> Cluster:
    """The cluster of the kubeconfig. Raises DeployFault."""
    from flowc.deploy.argo.cluster import connect

    return connect(context if isinstance(context, str) else None, namespace)
