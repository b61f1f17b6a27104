"""A model of Argo's controller, as much of it as flowc's templates use, and of what a flow means.

`run_templates` executes templates task by task: `depends` and `when` are evaluated as the engine
does (every named task must have ended; outputs of a task that failed are never there), sequences
are expanded, recursive templates followed. `run_regions` executes the program's regions instead.
Both are told what each task chooses and into how many items it splits.
"""

# ruff: noqa: ANN401, S307 - the model evaluates expressions that flowc made, over values of any type
from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from flowc import contract
from flowc.ir.region import (
    Again,
    ForeachRegion,
    ForkRegion,
    GangRegion,
    Leave,
    LoopRegion,
    Run,
    SwitchRegion,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.ir.program import Program
    from flowc.ir.region import Block, Pred

Task = tuple[str, str]  # step and path


class Chooses(Protocol):
    """What a task decides: the key it writes as `next`, and the number of its items."""

    def __call__(self, step: str, path: str) -> tuple[str | None, int]: ...


class Ended(NamedTuple):
    """How a task of a DAG ended."""

    phase: str
    outputs: dict[str, str]


def run_templates(
    spec: Mapping[str, Any], chooses: Chooses, failing: frozenset[Task] = frozenset()
) -> list[Task]:
    """The tasks that the templates run, sorted; those of `failing` fail."""
    engine = _Engine({t["name"]: t for t in spec["templates"]}, chooses, failing)
    engine.run(spec["entrypoint"], {})
    return sorted(engine.tasks)


class _Engine:
    def __init__(self, templates: dict[str, Any], chooses: Chooses, failing: frozenset[Task]) -> None:
        self.templates = templates
        self.chooses = chooses
        self.failing = failing
        self.tasks: list[Task] = []

    def run(self, name: str, given: Mapping[str, str]) -> Ended:
        template = self.templates[name]
        inputs = {}
        for parameter in template.get("inputs", {}).get("parameters", ()):
            inputs[parameter["name"]] = given.get(parameter["name"], parameter.get("default"))
            assert inputs[parameter["name"]] is not None, f"{name} lacks {parameter['name']}"
        assert set(given) <= set(inputs), f"{name} takes no {set(given) - set(inputs)}"
        if "container" in template:
            return self.pod(template, inputs)
        return self.dag(template, inputs)

    def pod(self, template: dict[str, Any], inputs: dict[str, str]) -> Ended:
        named = next(v["value"] for v in template["container"]["env"] if v["name"] == contract.ENV_STEP)
        step = contract.unescape_name(_substitute(named, inputs, {}))
        self.tasks.append((step, inputs["path"]))
        if (step, inputs["path"]) in self.failing:
            return Ended("Failed", {})
        key, items = self.chooses(step, inputs["path"])
        made = {"next": key, "splits": str(items)}
        outputs = template.get("outputs", {}).get("parameters", ())
        return Ended("Succeeded", {p["name"]: made[p["name"]] or "" for p in outputs})

    def dag(self, template: dict[str, Any], inputs: dict[str, str]) -> Ended:
        ended: dict[str, Ended] = {}
        waiting = list(template["dag"]["tasks"])
        while waiting:
            ready = next(task for task in waiting if _names(task.get("depends", "")) <= set(ended))
            waiting.remove(ready)
            ended[ready["name"]] = self.task(ready, inputs, ended)
        if any(e.phase == "Failed" for e in ended.values()):
            return Ended("Failed", {})
        found = {}
        for output in template.get("outputs", {}).get("parameters", ()):
            source = output["valueFrom"]
            text = source.get("expression") or source["parameter"].strip("{}")
            found[output["name"]] = _evaluate(text, inputs, ended)
        return Ended("Succeeded", found)

    def task(self, task: dict[str, Any], inputs: dict[str, str], ended: dict[str, Ended]) -> Ended:
        if "depends" in task and not _depends(task["depends"], ended):
            return Ended("Omitted", {})
        if "when" in task and _substitute(task["when"], inputs, ended) != "True":
            return Ended("Skipped", {})
        parameters = task.get("arguments", {}).get("parameters", ())
        if "withSequence" not in task:
            arguments = {p["name"]: _substitute(p["value"], inputs, ended) for p in parameters}
            return self.run(task["template"], arguments)
        phase = "Succeeded"
        for item in range(int(_substitute(task["withSequence"]["count"], inputs, ended))):
            each = {**inputs, "item": str(item)}
            arguments = {p["name"]: _substitute(p["value"], each, ended) for p in parameters}
            if self.run(task["template"], arguments).phase == "Failed":
                phase = "Failed"
        return Ended(phase, {})


def _names(depends: str) -> set[str]:
    return {name for name, _ in re.findall(r"([a-z0-9-]+)\.([A-Z]\w+)", depends)}


def _depends(text: str, ended: Mapping[str, Ended]) -> bool:
    text = re.sub(r"([a-z0-9-]+)\.([A-Z]\w+)", lambda m: str(ended[m[1]].phase == m[2]), text)
    return bool(eval(text.replace("!", " not ").replace("||", " or ").replace("&&", " and ")))


def _substitute(text: str, inputs: Mapping[str, str], ended: Mapping[str, Ended]) -> str:
    for name in re.findall(r"tasks(?:\['|\.)([a-z0-9-]+)(?:'\])?\.outputs", text):
        assert ended[name].phase != "Failed", f"the engine waits for ever for outputs of {name}: {text}"
    return re.sub(r"{{(=?)(.*?)}}", lambda tag: str(_evaluate(tag[2], inputs, ended)), text)


class _Scope(dict[str, Any]):
    """A scope whose missing entries are `None`, as outputs of skipped tasks are."""

    def __missing__(self, name: str) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        return self[name]


def _evaluate(text: str, inputs: Mapping[str, str], ended: Mapping[str, Ended]) -> Any:
    if " ? " in text:
        condition, _, rest = text.partition(" ? ")
        then, _, otherwise = rest.partition(" : ")
        return _evaluate(then if _evaluate(condition, inputs, ended) else otherwise, inputs, ended)
    tasks = _Scope(
        {
            name: _Scope(status=e.phase, outputs=_Scope(parameters=_Scope(e.outputs)))
            for name, e in ended.items()
        }
    )
    text = re.sub(r"tasks\.([a-z0-9-]+)\.", r"tasks['\1'].", text)
    scope = {
        "tasks": tasks,
        "inputs": _Scope(parameters=_Scope(inputs)),
        "item": inputs.get("item"),
        "asInt": int,
    }
    return eval(text.replace("||", " or ").replace("&&", " and "), scope)


# ---------------------------------------------------------------------------------- regions
def run_regions(program: Program, chooses: Chooses) -> list[Task]:
    """The tasks that the regions mean, sorted."""
    walk = _Walk(chooses)
    walk.block(program.body, contract.ROOT, {})
    return sorted(walk.tasks)


class _Walk:
    def __init__(self, chooses: Chooses) -> None:
        self.chooses = chooses
        self.tasks: list[Task] = []

    def block(  # noqa: C901 - one case for each region
        self, block: Block, path: str, scope: dict[tuple[str, bool], str | None]
    ) -> str | None:
        """Run a block; the answer is how a loop's body ended. `scope` holds what each node chose."""
        outcome = None
        for region in block.items:
            match region:
                case Run(step=step):
                    self.tasks.append((step, path))
                    scope[step, False] = self.chooses(step, path)[0]
                case ForkRegion(arms=arms):
                    for arm in arms:
                        self.block(arm, path, {})
                case ForeachRegion(head=head, body=body) | GangRegion(head=head, body=body):
                    for item in range(self.chooses(head, path)[1]):
                        self.block(body, contract.item_path(path, item), {})
                case LoopRegion(head=head):
                    scope[head, True] = self.loop(region, path)
                case SwitchRegion(arms=switch_arms):
                    for switch_arm in switch_arms:
                        if any(_taken(pred, scope) for pred in switch_arm.preds):
                            outcome = self.block(switch_arm.block, path, scope) or outcome
                case Again():
                    return "again"
                case Leave(key=key):
                    return key
        return outcome

    def loop(self, region: LoopRegion, path: str) -> str | None:
        """Run the visits of a loop; the answer is the key of its exit."""
        for visit in count():
            left = self.block(region.body, contract.visit_path(path, visit), {})
            if left != "again":
                return left
        raise AssertionError


def _taken(pred: Pred, scope: dict[tuple[str, bool], str | None]) -> bool:
    node = (pred.node, pred.loop)
    return node in scope and (pred.key is None or scope[node] == pred.key)
