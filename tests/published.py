"""The schemas that flowc publishes, and documents that have to follow them."""

from __future__ import annotations

import json
from typing import Any

import jsonschema

from flowc import share


def schema(name: str) -> dict[str, Any]:
    """A published schema, which is one."""
    text = share.read_text("schemas", f"{name}.schema.json")
    assert text is not None
    loaded: dict[str, Any] = json.loads(text)
    jsonschema.Draft202012Validator.check_schema(loaded)
    return loaded


def followed(name: str, text: str) -> Any:  # noqa: ANN401 - whatever the schema describes
    """The document that a text holds, which follows the schema."""
    document = json.loads(text)
    jsonschema.Draft202012Validator(schema(name)).validate(document)
    return document
