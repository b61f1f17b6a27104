"""What a run left, in words that are the same for Metaflow and flowc: `observe.py metaflow|flowc STORE FLOW`.

Prints one JSON object, {"STEP[I,J]": [{name: value as text}, …]}: the tasks that finished, by step and
foreach indices, in the order of their visits where a loop made several. It is a program of its own,
since `metaflow` means another module to each of them.
"""

from __future__ import annotations

import json
import os
import re
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    # A task's step, its foreach indices, and what loads each of its artifacts.
    Task = tuple[str, list[int], dict[str, Callable[[], Any]]]

# What Metaflow keeps among the artifacts for itself.
_METAFLOWS_OWN = re.compile(
    r"_(foreach_\w+|graph_info|transition|current_step|task_ok|catch_exception|success|exception|control_\w+"
    r"|is_\w+|unbounded_foreach|configs_processed|parallel_\w+|cached_input|datastore|steps|iteration_\w+)$"
)


def main(world: str, place: str, flow: str) -> None:
    """Print what the newest run of `flow` left."""
    sys.path.insert(0, os.getcwd())  # the classes of values may lie in the flow's folder
    tasks = _of_metaflow(place, flow) if world == "metaflow" else _of_flowc(place, flow)
    found: dict[str, list[dict[str, str]]] = {}
    for step, indices, artifacts in tasks:
        texts = {name: as_text(load) for name, load in artifacts.items() if not _METAFLOWS_OWN.match(name)}
        if texts.get("name") == f"str {flow!r}":
            del texts["name"]  # Metaflow's too, unless a step assigned it
        found.setdefault(f"{step}{indices or ''}", []).append(texts)
    json.dump(found, sys.stdout)


def _of_metaflow(place: str, flow: str) -> Iterator[Task]:
    os.environ["METAFLOW_DATASTORE_SYSROOT_LOCAL"] = place
    os.environ["METAFLOW_DEFAULT_METADATA"] = "local"
    from metaflow import datastore
    from metaflow.plugins.datastores.local_storage import LocalStorage

    root = os.path.join(place, ".metaflow")
    run = max((name for name in os.listdir(os.path.join(root, flow)) if name.isdigit()), key=int)
    stores: Any = datastore.FlowDataStore(flow, None, storage_impl=LocalStorage, ds_root=root)  # type: ignore[attr-defined, no-untyped-call]  # it has no types
    for step in {*os.listdir(os.path.join(root, flow, run))} - {"_meta", "_parameters"}:
        names = [name for name in os.listdir(os.path.join(root, flow, run, step)) if name != "_meta"]
        for task in sorted(names, key=_numbers):
            store = stores.get_task_datastore(run, step, task, allow_not_done=True)
            # A task that could not store its artifacts has nothing to ask for.
            if hasattr(store, "_objects") and store.get("_task_ok"):
                frames = store.get("_foreach_stack") or []
                loads: dict[str, Callable[[], Any]] = {
                    name: partial(store.__getitem__, name) for name, _ in store.items()
                }
                yield step, [frame.index for frame in frames], loads


def _numbers(name: str) -> list[int]:
    return [int(number) for number in re.findall("[0-9]+", name)]


def _of_flowc(place: str, flow: str) -> Iterator[Task]:
    from flowc.runtime.api.modules import install_metaflow
    from flowc.runtime.client.stored import runs_newest_first
    from flowc.runtime.client.values import load_value
    from flowc.runtime.store import open_store

    install_metaflow()
    store = open_store(place)
    run = next(iter(runs_newest_first(store, flow)))
    parameters = run.description.get("parameters", {})
    for task in sorted(run.tasks(None), key=lambda task: _numbers(task.path)):
        if task.record:
            entries = {**parameters, **task.record["artifacts"]}
            loads: dict[str, Callable[[], Any]] = {
                name: partial(load_value, store, entry, name) for name, entry in entries.items()
            }
            yield task.step, [frame["index"] for frame in task.record["stack"]], loads


def as_text(load: Callable[[], Any]) -> str:
    """A value's type and what it shows of itself; exceptions, which each world wraps, by what they were."""
    try:
        value = load()
    except Exception as error:  # noqa: BLE001 - that it cannot be read is what is observed
        return f"unreadable: {type(error).__name__}"
    if type(value).__name__ == "IncludedFile":
        value = value.decode("")  # Metaflow's artifact of a file names it; a step sees what it holds
    kind = type(value).__name__
    if isinstance(value, Exception) and hasattr(value, "exception"):
        name = str(getattr(value, "type", "")).rpartition(".")[2].rstrip("'>")
        return f"caught {name}: {value.exception}"
    if isinstance(value, (set, frozenset)):
        return f"{kind} {sorted(map(repr, value))}"
    if kind == "ndarray":
        return f"{kind} {value.dtype} {value.tolist()}"
    return f"{kind} {value!r}"


if __name__ == "__main__":
    main(*sys.argv[1:])
