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
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return list(yaml.load_all(content, Loader=loader))
    except (ValueError, RecursionError, UnicodeDecodeError):
        return None
    except Exception as error:  # yaml's own, whose class is known only after the import
        if type(error).__module__.partition(".")[0] != "yaml":
            raise
        return None
