"""Folding: pod templates that differ only in words become one template that is given the words.

Only a workflow with more templates than Argo handles well is folded. The words are the values of
`args` and of the variables in `_WORDS`; each becomes a parameter of the folded template, and every
task that used one of the templates passes its own.

Invariant: each task starts the same pod as before, under another template's name.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flowc import contract

if TYPE_CHECKING:
    from flowc.backends.argo.manifest import Parameter, Task, Template
    from flowc.backends.argo.naming import TemplateNames
    from flowc.platform.kubernetes.manifest import Variable

MAX_TEMPLATES = 200
# Variables of a step by the parameter that carries each in a folded template.
_WORDS = {
    contract.ENV_STEP: "step",
    contract.ENV_INPUTS: "inputs",
    contract.ENV_TELLS: "tells",
}


def fold(dags: list[Template], pods: list[Template], names: TemplateNames) -> list[Template]:
    """The templates of a workflow: `dags` and `pods`, folded where they are too many."""
    if len(dags) + len(pods) <= MAX_TEMPLATES:
        return [*dags, *pods]
    wrappers = {dag["name"]: _wrapped(dag) for dag in dags}
    alike: dict[str, list[Template]] = {}
    for pod in pods:
        alike.setdefault(_shape(pod), []).append(pod)
    folded: list[Template] = []
    given: dict[str, tuple[str, list[Parameter]]] = {}
    for group in alike.values():
        if len(group) == 1:
            folded.append(group[0])
            continue
        name = names.claim("steps")
        folded.append(_folded(group[0], name))
        given |= {pod["name"]: (name, _words(pod)) for pod in group}
    return [*_folded_dags(dags, wrappers, given, names), *folded]


def _folded_dags(
    dags: list[Template],
    wrappers: dict[str, str | None],
    given: dict[str, tuple[str, list[Parameter]]],
    names: TemplateNames,
) -> list[Template]:
    """The DAGs with the words of their tasks; wrappers of folded pods become one for each folded template."""
    kept: list[Template] = []
    shared: dict[str, str] = {}
    tried: dict[str, tuple[str, list[Parameter]]] = {}
    for dag in dags:
        pod = wrappers[dag["name"]]
        if pod not in given:
            kept.append(dag)
            continue
        template, words = given[pod]
        if template not in shared:
            shared[template] = names.claim(f"{template}-tries")
            kept.append(_shared_wrapper(dag, shared[template], template, words))
        tried[dag["name"]] = (shared[template], words)
    for dag in kept:
        for task in dag["dag"]["tasks"]:
            replacement = given.get(task["template"]) or tried.get(task["template"])
            if replacement is not None:
                _give(task, *replacement)
    return kept


def _wrapped(dag: Template) -> str | None:
    """The pod inside a wrapper of a step that is tried again; None for any other DAG."""
    tasks = dag["dag"]["tasks"]
    if len(tasks) != 1 or "withSequence" in tasks[0] or not dag["name"].endswith("-tries"):
        return None
    return tasks[0]["template"]


def _shared_wrapper(dag: Template, name: str, template: str, words: list[Parameter]) -> Template:
    made: Template = {**dag, "name": name}
    (task,) = dag["dag"]["tasks"]
    own = dag["inputs"]["parameters"] if "inputs" in dag else []
    made["inputs"] = {"parameters": [*own, *_word_inputs()]}
    passed = task["arguments"]["parameters"] if "arguments" in task else []
    inner: Task = {**task, "template": template}
    inner["arguments"] = {"parameters": [*passed, *(_pass(word["name"]) for word in words)]}
    made["dag"] = {"tasks": [inner]}
    return made


def _give(task: Task, template: str, words: list[Parameter]) -> None:
    task["template"] = template
    arguments = task["arguments"]["parameters"] if "arguments" in task else []
    # An absent word is the folded template's default.
    task["arguments"] = {"parameters": [*arguments, *(word for word in words if word["value"])]}


def _shape(pod: Template) -> str:
    """All of a template but its name and words."""
    env = [v for v in pod["container"]["env"] if v["name"] not in _WORDS]
    return json.dumps({**pod, "name": "", "container": {**pod["container"], "args": [], "env": env}})


def _words(pod: Template) -> list[Parameter]:
    values = {variable["name"]: variable.get("value", "") for variable in pod["container"]["env"]}
    return [{"name": word, "value": values.get(variable, "")} for variable, word in _WORDS.items()]


def _folded(pod: Template, name: str) -> Template:
    made: Template = {**pod, "name": name}
    made["inputs"] = {"parameters": [*pod["inputs"]["parameters"], *_word_inputs()]}
    env: list[Variable] = [
        {"name": variable, "value": "{{inputs.parameters." + word + "}}"} for variable, word in _WORDS.items()
    ]
    env += [v for v in pod["container"]["env"] if v["name"] not in _WORDS]
    args = [pod["container"]["args"][0], "{{inputs.parameters.step}}"]
    made["container"] = {**pod["container"], "args": args, "env": env}
    return made


def _word_inputs() -> list[Parameter]:
    """The words of a folded template: all but the step may be absent."""
    return [{"name": word} if word == "step" else {"name": word, "default": ""} for word in _WORDS.values()]


def _pass(word: str) -> Parameter:
    return {"name": word, "value": "{{inputs.parameters." + word + "}}"}
