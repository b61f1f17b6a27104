"""The sources of `@secrets`, fetched before user code runs and set as environment variables.

The keys of a JSON object become variables, any other text one variable that is called after its
source; what no variable's name may hold becomes `_`.

Invariant: either all variables of a step are set or none, and no message, log or record ever holds a
value.
"""

from __future__ import annotations

import json
import os
import re

from flowc.runtime.region import aws_region
from flowc.runtime.roles import credentials_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

_ILLEGAL = re.compile("[^A-Za-z0-9_]")
_OURS = "FLOWC_"
_ARN = re.compile("arn:[^:]+:secretsmanager:([^:]+):")


class SecretFault(Exception):
    """A secret that cannot be fetched, or would replace a variable that is set."""


def set_secrets(sources: list[dict[str, Any]], environment: MutableMapping[str, str] = os.environ) -> None:
    """Fetch the sources and set their variables. Raises SecretFault."""
    found: dict[str, tuple[str, str]] = {}
    for source in sources:
        own = f"the secret `{source['id']}`"
        for name, value in _fetched(source, environment).items():
            _check(own, name, value)
            if name in found:
                raise SecretFault(f"{own} and {found[name][0]} both set the variable {name}")
            if name in environment and not source.get("allow_override"):
                raise SecretFault(
                    f"{own} would replace the variable {name}, which is set; "
                    "@secrets(allow_override=True) permits it"
                )
            found[name] = own, value
    environment.update((name, value) for name, (_, value) in found.items())


def _check(own: str, name: str, value: str) -> None:
    if name.startswith(_OURS):
        raise SecretFault(f"{own} sets the variable {name}: {_OURS}… are flowc's own")
    if "\0" in value:
        raise SecretFault(f"{own} has a null byte in the value for {name}, which no variable can hold")


# --------------------------------------------------------------------------- what a source holds
def _fetched(source: dict[str, Any], environment: MutableMapping[str, str]) -> dict[str, str]:
    """The variables of one source. Raises SecretFault."""
    kind = source["type"]
    options = source.get("options", {})
    if kind == "inline":
        return {str(name): str(value) for name, value in options.get("env_vars", options).items()}
    if kind == "env":
        return _from_environment(source, environment)
    if kind == "file":
        by_name = "path" in options  # else the id is a path
        return _variables(
            source, source["id"] if by_name else os.path.basename(source["id"]), _read_file(source)
        )
    if kind == "aws-secrets-manager":
        return _variables(source, *_fetch_aws(source))
    raise SecretFault(f"the secret `{source['id']}` is of the type `{kind}`, which cannot be fetched here")


def _variables(source: dict[str, Any], name: str, text: str) -> dict[str, str]:
    """The variables that a text makes; one that is no JSON object makes one, called `name` or as asked for."""
    options = source.get("options", {})
    content = _json_object(text) if options.get("json", True) else None
    if content is None:
        return {_variable(options.get("env_var_name") or name): text}
    named = {_variable(key): str(value) for key, value in content.items()}
    if len(named) < len(content):
        raise SecretFault(f"the secret `{source['id']}` has two keys that make the same variable")
    return named


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _variable(key: str) -> str:
    name = _ILLEGAL.sub("_", str(key))
    return f"_{name}" if not name or name[0].isdigit() else name


# --------------------------------------------------------------------------- where sources are
def _from_environment(source: dict[str, Any], environment: MutableMapping[str, str]) -> dict[str, str]:
    """A variable that whoever starts the task has set: by itself it is the secret's own already."""
    variable = source.get("options", {}).get("variable", source["id"])
    if variable not in environment:
        raise SecretFault(f"the secret `{source['id']}` is in the variable {variable}, which is not set")
    found = _variables(source, source["id"], environment[variable])
    found.pop(variable, None)
    return found


def _read_file(source: dict[str, Any]) -> str:
    path = source.get("options", {}).get("path", source["id"])
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read().rstrip("\n")
    except OSError as error:
        raise SecretFault(
            f"the secret `{source['id']}` cannot be read from {path}: {error.strerror}"
        ) from error
    except UnicodeDecodeError:
        # Not chained: the error holds the bytes.
        raise SecretFault(f"the secret `{source['id']}` cannot be read: {path} is no UTF-8 text") from None


def _fetch_aws(source: dict[str, Any]) -> tuple[str, str]:
    """The secret's own name, which its id may hold among other things, and its text."""
    own = f"the secret `{source['id']}`"
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError as error:
        raise SecretFault(f"{own} needs boto3, which this Python lacks: pip install boto3") from error
    match = _ARN.match(source["id"])
    region = match.group(1) if match else source.get("options", {}).get("region")
    try:
        keys = credentials_of(boto3, source["role"]) if source.get("role") else {}
        client = boto3.client("secretsmanager", region_name=region or aws_region(), **keys)
        answer = client.get_secret_value(SecretId=source["id"])
    except (BotoCoreError, ClientError) as error:
        raise SecretFault(f"{own} cannot be fetched from AWS Secrets Manager: {error}") from error
    name = answer.get("Name", source["id"])
    if "SecretString" in answer:
        return name, answer["SecretString"]
    import base64

    return name, base64.b64encode(answer["SecretBinary"]).decode()
