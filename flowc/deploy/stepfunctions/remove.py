"""Taking away a flow's stack. Code and state machines in S3 stay: runs of other versions may need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.deploy.faults import DeployFault
from flowc.deploy.stepfunctions.bundle import stack_name
from flowc.deploy.stepfunctions.runs import RUN_PREFIX, machines
from flowc.deploy.stepfunctions.stack import delete_stack, own_stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.deploy.stepfunctions.account import Account

_LISTED = 3


def undeploy(account: Account, name: str, say: Callable[[str], None], *, dry_run: bool, force: bool) -> None:
    """Remove the stack of a flow. Raises DeployFault where runs are under way, unless `force`."""
    stack = own_stack(account, stack_name(name))
    if stack is None:
        raise DeployFault(
            f"no flow `{name}` is deployed in {account.region}: there is no stack `{stack_name(name)}`; "
            "look at the name and the region"
        )
    if not force:
        _refuse_under_way(account, name)
    if dry_run:
        say(f"would be removed: stack/{stack_name(name)}")
    else:
        delete_stack(account, stack, say)
        say(f"removed: stack/{stack_name(name)}")
    say("the log group, earlier job definitions, and code in S3 stay; results are in the datastore")


def _refuse_under_way(account: Account, name: str) -> None:
    machine = machines(account).get(name)
    if machine is None:
        return
    found = account.call(
        "stepfunctions", "list_executions", stateMachineArn=machine, statusFilter="RUNNING", maxResults=100
    )
    runs = [RUN_PREFIX + each["name"] for each in found["executions"]]
    if runs:
        more = f" and {len(runs) - _LISTED} more" if len(runs) > _LISTED else ""
        raise DeployFault(
            f"`{name}` has runs under way ({', '.join(runs[:_LISTED])}{more}), which end with their state machine's role; "
            "wait for them, stop them with `flowc cancel RUN`, or remove it all the same with `--force`"
        )
