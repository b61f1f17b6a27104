"""Reading manifests, ours or committed ones: YAML streams and JSON to plain objects."""

from __future__ import annotations

import json


def read_documents(name: str, content: bytes) -> list[object] | None:
    """The documents of a file called `name`; None where it is neither YAML nor JSON."""
    try:
        if name.endswith(".json"):
            return [json.loads(content)]
        if not name.endswith((".yaml", ".yml")):
            return None
        return _read_yaml(content.decode())
    except (ValueError, RecursionError):
        return None
    except Exception as error:  # yaml's own, whose class is known only after the import
        if type(error).__module__.partition(".")[0] != "yaml":
            raise
        return None


def _read_yaml(text: str) -> list[object] | None:
    import yaml

    from flowc.manifest.placed.yaml import YAMLFaultError, check_depth

    try:
        check_depth(text)
    except YAMLFaultError:
        return None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return list(yaml.load_all(text, Loader=loader))
