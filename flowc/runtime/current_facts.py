"""What a running task knows of itself: the facts of `current`, the same in every world.

What needs a module of its own (cards, the client) is made when it is first asked for.
"""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from flowc.runtime.records import Record
    from flowc.runtime.settings import TaskSettings


def task_facts(settings: TaskSettings, description: Record, retry_count: int) -> dict[str, Any]:
    """The facts of one attempt; `description` is the run's."""
    user = description.get("user", "")
    return {
        "flow_name": settings.flow,
        "run_id": settings.run_id,
        "step_name": settings.step,
        "task_id": settings.path,
        "retry_count": retry_count,
        "pathspec": settings.task,
        "origin_run_id": description.get("origin_run"),
        "namespace": f"user:{user}" if user else "",
        "username": user,
        "tags": set(description.get("tags", ())),
        "parameter_names": sorted(description["parameters"]),
        "tempdir": ".",
        **_project_facts(settings, user),
    }


def later_facts(settings: TaskSettings, description: Record) -> dict[str, Callable[[], Any]]:
    """What makes further facts."""
    run = f"{settings.flow}/{settings.run_id}"
    graph = {"graph": lambda: json.loads(description["graph"])} if "graph" in description else {}
    return {
        **graph,
        "card": _cards,
        "trigger": lambda: _trigger(description),
        "run": lambda: _of_client("Run", run),
        "task": lambda: _of_client("Task", settings.task),
    }


def _project_facts(settings: TaskSettings, user: str) -> dict[str, Any]:
    """Those of `@project`; without a branch it is the user's own, whoever that is on an engine."""
    if not settings.project:
        return {}
    name, _, given = settings.project.partition(".")
    branch = given or ".".join(word for word in ("user", user) if word)
    return {
        "project_name": name,
        "branch_name": branch,
        "project_flow_name": f"{name}.{branch}.{settings.flow}",
        "is_user_branch": not given,
        "is_production": given.partition(".")[0] == "prod",
    }


def _cards() -> Any:
    from flowc.runtime.api.cards import Cards

    return Cards()


def _trigger(description: Record) -> Any:
    """The events that started the run; None for one that a user or a schedule did."""
    told = description.get("triggers")
    if not told:
        return None
    from flowc.runtime.api.triggers import Trigger

    return Trigger(told)


def _of_client(kind: str, pathspec: str) -> Any:
    from flowc.runtime import client

    return getattr(client, kind)(pathspec, _namespace_check=False)
