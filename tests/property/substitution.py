"""What each engine would substitute in a manifest: models of the readers of our output.

`tags` lists everything that some engine would take for its own syntax. A flow's text must never
add to that list: the tags of a flow with hostile text are those of the same flow with plain text.
`received` is what a task's container is given for one of the flow's own texts, after every
substitution on the way.
"""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml

from flowc import contract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.manifest.bundle import Bundle

Path: TypeAlias = "tuple[str | int, ...]"

# Files that no engine reads: the published schema of the parameters, the code.
_UNREAD = ("parameters.schema.json", ".zip")

_ARGO = re.compile(r"\{\{.*?(?:\}\}|\Z)", re.DOTALL)
_KUBELET = re.compile(r"\$\(([^)]*)\)")
_CLOUDFORMATION = re.compile(r"\$\{[^}]*\}?|\{\{resolve:.*?(?:\}\}|\Z)", re.DOTALL)
_JSONATA = re.compile(r"\A\{%.*%\}\Z", re.DOTALL)
_BATCH = re.compile(r"Ref::[A-Za-z0-9_-]*")

# Where the kubelet expands: a container's command, arguments and the values of its variables.
_KUBELET_FIELDS = {"command", "args"}


def documents(bundle: Bundle) -> Iterator[Any]:
    """Every object of the bundle that an engine reads, parsed as it would."""
    for file in bundle.files:
        if file.path.endswith(_UNREAD):
            continue
        if file.path.endswith(".json"):
            yield json.loads(file.content)
        else:
            yield from yaml.safe_load_all(file.content)


def leaves(node: object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    """Every scalar and every key, with its place."""
    pending: list[tuple[Path, object]] = [(path, node)]
    while pending:
        at, current = pending.pop()
        if isinstance(current, dict):
            for key, value in current.items():
                yield (*at, "<key>"), key
                pending.append(((*at, str(key)), value))
        elif isinstance(current, list):
            pending.extend(((*at, index), value) for index, value in enumerate(current))
        else:
            yield at, current


def tags(bundle: Bundle, target: str) -> Counter[str]:
    """Everything that an engine of the target substitutes in the bundle."""
    found: Counter[str] = Counter()
    for document in documents(bundle):
        for path, leaf in leaves(document):
            if isinstance(leaf, str):
                found.update(_argo_tags(path, leaf) if target == "argo" else _aws_tags(path, leaf))
    return found


def _argo_tags(path: Path, text: str) -> Iterator[str]:
    yield from _ARGO.findall(text)
    in_container = "env" in path or any(field in path for field in _KUBELET_FIELDS)
    if in_container:
        yield from (f"$({name})" for name in _KUBELET.findall(text.replace("$$", "")))


def _aws_tags(path: Path, text: str) -> Iterator[str]:
    yield from _CLOUDFORMATION.findall(text)
    yield from _JSONATA.findall(text)
    if "Command" in path:
        yield from _BATCH.findall(text)


def kubelet(text: str) -> str:
    """`$$(` becomes `$(`; a reference to a variable that is not set stays."""
    return text.replace("$$", "$")


def received(bundle: Bundle, name: str) -> list[str]:
    """Every value that containers get for the variable `name` of `@environment`."""
    bare = [value for key, value in variables(bundle) if key == name]
    hidden = [d[contract.DOCUMENT_ENVIRONMENT][name] for d in task_documents(bundle)
              if name in d.get(contract.DOCUMENT_ENVIRONMENT, {})]  # fmt: skip
    return bare + hidden


def variables(bundle: Bundle) -> Iterator[tuple[str, str]]:
    """Names and values of all containers' variables, as their processes see them."""
    for document in documents(bundle):
        pending = [document]
        while pending:
            current = pending.pop()
            if isinstance(current, list):
                pending.extend(current)
            elif isinstance(current, dict):
                pending.extend(current.values())
                name, value = (
                    current.get("name", current.get("Name")),
                    current.get("value", current.get("Value")),
                )
                if isinstance(name, str) and isinstance(value, str):
                    yield name, kubelet(value) if "name" in current else value


def task_documents(bundle: Bundle) -> Iterator[dict[str, Any]]:
    """The documents of all tasks, wherever in the manifest they stand."""
    for document in documents(bundle):
        for _, leaf in leaves(document):
            if isinstance(leaf, str):
                for word in re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", leaf):
                    decoded = _document(word)
                    if decoded is not None:
                        yield decoded


def _document(word: str) -> dict[str, Any] | None:
    try:
        decoded = json.loads(base64.b64decode(word, validate=True))
    except ValueError:
        return None
    return decoded if isinstance(decoded, dict) else None


# ------------------------------------------------------------------------------ YAML in Go
# Plain scalars that readers in Go take for something else than text.
_GO = re.compile(
    r"""(?xi) ~ | null | true | false | y | n | yes | no | on | off | << | =
    | [-+]? ( 0b[01_]+ | 0o?[0-7_]+ | 0x[0-9a-f_]+ | [0-9][0-9_]* )
    | [-+]? ( \. [0-9_]+ | [0-9][0-9_]* ( \. [0-9_]* )? ) ( e [-+]? [0-9]+ )?
    | [-+]? [0-9][0-9_]* ( : [0-5]?[0-9] )+ ( \. [0-9_]* )?
    | [-+]? \. inf | \. nan
    | [0-9]{4} - [0-9]{1,2} - [0-9]{1,2} ( [Tt\ ] .* )?
    """
)


def misread_scalars(bundle: Bundle) -> list[str]:
    """Plain scalars that PyYAML reads as text and a reader in Go as something else."""
    return [
        event.value
        for file in bundle.files
        if file.path.endswith((".yaml", ".yml"))
        for event in yaml.parse(file.content, Loader=yaml.SafeLoader)
        if isinstance(event, yaml.ScalarEvent) and event.style is None and _go_alone(event.value)
    ]


def _go_alone(scalar: str) -> bool:
    return _GO.fullmatch(scalar) is not None and isinstance(yaml.safe_load(scalar), str)
