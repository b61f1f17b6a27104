"""Whether the job queue that a flow's jobs go to is there and takes jobs, asked before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.deploy.faults import DeployFault, Forbidden, known_names

if TYPE_CHECKING:
    from flowc.deploy.stepfunctions.account import Account
    from flowc.deploy.stepfunctions.bundle import StackBundle


def queue_of(bundle: StackBundle, values: dict[str, str]) -> str | None:
    """The queue's name or ARN, where the template or the values say it."""
    said = (
        bundle.read["Resources"]["StateMachine"]["Properties"]
        .get("DefinitionSubstitutions", {})
        .get("JobQueue")
    )
    if isinstance(said, dict):
        said = values.get(str(said.get("Ref"))) if "Ref" in said else said.get("Fn::Sub")
    if not isinstance(said, str):
        return None
    return said.rpartition("job-queue/")[2] if "${" in said else said


def check_queue(account: Account, queue: str) -> str | None:
    """The queue's ARN; None where this user may not ask. Raises DeployFault for one that is not there or takes no jobs."""
    try:
        found = account.call("batch", "describe_job_queues", jobQueues=[queue])["jobQueues"]
    except Forbidden:
        return None
    if not found:
        name = queue.rpartition("/")[2]
        every = [each["jobQueueName"] for each in account.call("batch", "describe_job_queues")["jobQueues"]]
        raise DeployFault(
            f"there is no job queue `{name}` in {account.region}; "
            f"{known_names(name, every, 'AWS Batch has none there: make one first, or choose another region')}"
        )
    state, status = str(found[0].get("state")), str(found[0].get("status"))
    if state == "DISABLED" or status in {"INVALID", "DELETING", "DELETED"}:
        raise DeployFault(
            f"the job queue `{found[0]['jobQueueName']}` takes no jobs: it is {state}, {status}; enable or repair it first"
        )
    return str(found[0]["jobQueueArn"])
