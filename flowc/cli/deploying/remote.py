"""The run on an engine that a command means, by its id: `argo-…` or `sfn-…`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import click

from flowc import contract
from flowc.cli.deploying.engine import open_cluster
from flowc.cli.options import configure
from flowc.cli.project import find_root

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.deploy.argo.cluster import Cluster
    from flowc.deploy.status import RunStatus
    from flowc.deploy.stepfunctions.account import Account


class Remote(NamedTuple):
    """A run and what can be done with it; `cancel` is told whether the exit hook is to run."""

    run_id: str
    look: Callable[[], RunStatus]
    cancel: Callable[[bool], None]


def remote_run(text: str, context: str | None, namespace: str | None, profile: str | None) -> Remote:
    """The run of an id, which may be written NAME/RUN. Raises DeployFault."""
    name, _, run_id = text.rpartition("/")
    if run_id.startswith(contract.ARGO_RUN):
        return on_argo(open_cluster(context, configured_namespace(namespace, profile)), run_id)
    if run_id.startswith(contract.SFN_RUN):
        from flowc.deploy.stepfunctions.account import open_account
        from flowc.deploy.stepfunctions.runs import find_execution

        account = open_account()
        return on_stepfunctions(account, find_execution(account, run_id, name or None), run_id)
    raise click.UsageError(
        f"`{text}` is no run on an engine: their ids begin with `{contract.ARGO_RUN}` or `{contract.SFN_RUN}`; "
        "`flowc show` knows the runs of this machine"
    )


def on_argo(cluster: Cluster, run_id: str) -> Remote:
    """A run on a cluster."""
    from flowc.deploy.argo.runs import cancel, look

    return Remote(
        run_id,
        lambda: look(cluster, run_id),
        lambda with_hooks: cancel(cluster, run_id, with_hooks=with_hooks),
    )


def on_stepfunctions(account: Account, arn: str, run_id: str) -> Remote:
    """An execution of a state machine, which knows no hooks of one that is stopped."""
    from flowc.deploy.stepfunctions.runs import cancel, look

    return Remote(run_id, lambda: look(account, arn, run_id), lambda _: cancel(account, arn))


def configured_namespace(asked: str | None, profile: str | None) -> str | None:
    """The namespace of a flag, else of the configuration around the working folder."""
    flags = {"namespace": asked, "profile": profile}
    return configure(find_root(os.getcwd()), flags).settings.argo.namespace
