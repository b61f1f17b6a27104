"""What a cluster's refusals mean: each HTTP status as a message with its cause and remedy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.deploy.faults import DeployFault, Forbidden, Unreachable, Unserved
from flowc.diagnostics.wording import listed

if TYPE_CHECKING:
    from flowc.deploy.argo.cluster import Answer, Cluster
    from flowc.deploy.argo.kinds import Kind

_USER = re.compile(r'User "([^"]*)" cannot')
_MANAGER = re.compile(r'conflicts? with "([^"]*)"')


def is_absent(answer: Answer, name: str) -> bool:
    """Whether the answer says that one object (or its namespace) is missing, and not the whole kind."""
    return answer.status == 404 and bool(name) and bool(answer.about.get("name"))


def absent(cluster: Cluster, kind: Kind, name: str, answer: Answer) -> DeployFault:
    """Something that is written to is not there."""
    if answer.about.get("kind") == "namespaces":
        space = answer.about.get("name")
        return DeployFault(
            f"the cluster at {cluster.host} has no namespace `{space}`: `kubectl create namespace {space}` makes it, "
            "`--namespace` names another one"
        )
    return DeployFault(
        f"there is no {kind.kind} `{name}` in the namespace `{cluster.namespace}`: {answer.message}"
    )


def refusal(cluster: Cluster, kind: Kind, name: str, verb: str, answer: Answer) -> DeployFault:
    """The message for an answer that is an error."""
    where = f"`{cluster.namespace}` at {cluster.host}"
    thing = f"{kind.kind} `{name}`" if name else kind.plural
    match answer.status:
        case 401:
            return DeployFault(
                f"the cluster at {cluster.host} does not accept these credentials: the token or certificate in the "
                "kubeconfig is missing, wrong or expired; log in again"
            )
        case 403:
            return _forbidden(cluster, kind, verb, answer)
        case 404 if answer.about.get("kind") == "namespaces":
            return absent(cluster, kind, name, answer)
        case 404:
            return Unserved(
                f"the cluster at {cluster.host} does not know {kind.resource} ({kind.version}): "
                f"install {kind.needs or 'what serves them'} (its CustomResourceDefinitions and controller) first"
            )
        case 409:
            return _conflict(thing, answer)
        case 413:
            return DeployFault(f"{thing} is too large for the cluster at {cluster.host}: {answer.message}")
        case 429 | 500 | 502 | 503 | 504:
            return Unreachable(
                f"the cluster at {cluster.host} cannot answer now (HTTP {answer.status}): {answer.message}; try again"
            )
        case _:
            return DeployFault(f"{thing} is refused in {where} (HTTP {answer.status}): {answer.message}")


def _forbidden(cluster: Cluster, kind: Kind, verb: str, answer: Answer) -> Forbidden:
    user = _USER.search(answer.message)
    who = f"`{user[1]}`" if user else "this user"
    if user is None:  # an admission controller, a quota, or a role that grants more than its maker has
        return Forbidden(
            f"the cluster at {cluster.host} forbids to {verb} {kind.resource} in the namespace `{cluster.namespace}`: "
            f"{answer.message}"
        )
    hint = (
        "log in first" if user[1] == "system:anonymous" else "ask whoever manages the cluster for that verb"
    )
    return Forbidden(
        f"the cluster at {cluster.host} does not let {who} {verb} {kind.resource} in the namespace "
        f"`{cluster.namespace}`; {hint} (`kubectl auth can-i {verb} {kind.resource} -n {cluster.namespace}` tells)"
    )


def _conflict(thing: str, answer: Answer) -> DeployFault:
    managers = sorted(set(_MANAGER.findall(answer.message)))
    if not managers:
        return DeployFault(
            f"{thing} was changed by someone else at the same moment: {answer.message}; try again"
        )
    fields = [str(cause.get("field")) for cause in answer.about.get("causes") or () if cause.get("field")]
    shown = ", ".join(fields[:4]) + (" …" if len(fields) > 4 else "")
    return DeployFault(
        f"{thing} has fields that {listed(managers)} keeps otherwise ({shown}): deploy it in "
        "that way, or take the fields over with `--force`"
    )
