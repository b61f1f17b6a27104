"""The sources of `@secrets`, fetched before user code runs and set as environment variables."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


class SecretFault(Exception):
    """A secret that cannot be fetched, or would replace a variable that is set."""


def set_secrets(sources: list[dict[str, Any]]) -> None:
    """Fetch the sources in order and set their variables. Raises SecretFault."""
    for source in sources:
        kind = source["type"]
        if kind not in _FETCHERS:
            raise SecretFault(f"secrets of type `{kind}` cannot be fetched here")
        for name, value in _FETCHERS[kind](source).items():
            if name in os.environ and not source.get("allow_override"):
                raise SecretFault(
                    "secret `{}` would replace the variable {}, which is set; "
                    "@secrets(allow_override=True) permits it".format(source["id"], name)
                )
            os.environ[name] = str(value)


def _fetch_inline(source: dict[str, Any]) -> dict[str, Any]:
    return dict(source.get("options", {}).get("env_vars", source.get("options", {})))


def _fetch_env(source: dict[str, Any]) -> dict[str, Any]:
    names = source.get("options", {}).get("names") or [source["id"]]
    missing = [name for name in names if name not in os.environ]
    if missing:
        raise SecretFault("secret `{}`: the variable {} is not set".format(source["id"], missing[0]))
    return {}


def _fetch_file(source: dict[str, Any]) -> dict[str, Any]:
    path = source.get("options", {}).get("path", source["id"])
    try:
        with open(path, encoding="utf-8") as stream:
            return _variables(source, stream.read())
    except OSError as error:
        raise SecretFault(
            "secret `{}`: cannot read {}: {}".format(source["id"], path, error.strerror)
        ) from error


def _fetch_aws(source: dict[str, Any]) -> dict[str, Any]:
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError as error:
        raise SecretFault("secret `{}` needs boto3, which this Python lacks".format(source["id"])) from error
    options = source.get("options", {})
    try:
        client = boto3.client("secretsmanager", region_name=options.get("region"))
        answer = client.get_secret_value(SecretId=source["id"])
    except (BotoCoreError, ClientError) as error:
        raise SecretFault("secret `{}`: {}".format(source["id"], error)) from error
    text = answer.get("SecretString")
    if text is None:
        return {_name(source): answer["SecretBinary"].decode("latin-1")}
    return _variables(source, text)


def _variables(source: dict[str, Any], text: str) -> dict[str, Any]:
    """The keys of a JSON object become variables; other text is one variable, named after the source."""
    options = source.get("options", {})
    if options.get("json", True):
        try:
            content = json.loads(text)
        except ValueError:
            content = None
        if isinstance(content, dict):
            return content
    return {_name(source): text}


def _name(source: dict[str, Any]) -> str:
    given = source.get("options", {}).get("env_var_name")
    tail = str(source["id"]).rpartition("/")[2]
    return str(given or "".join(c if c.isalnum() else "_" for c in tail))


_FETCHERS = {
    "inline": _fetch_inline,
    "env": _fetch_env,
    "file": _fetch_file,
    "aws-secrets-manager": _fetch_aws,
}
