"""Where the validators that are not Python were installed, or why they are not there."""

from __future__ import annotations

import hashlib
import os
import shutil

HERE = os.path.dirname(os.path.abspath(__file__))
_HOW = "run `make validators`"


def cache() -> str:
    """The folder that install.sh fills."""
    home = os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))
    return os.environ.get("FLOWC_VALIDATORS", os.path.join(home, "flowc-validators"))


def node_folder() -> tuple[str, str]:
    """The folder of node_modules, and why it is missing ("" where it is there)."""
    folder = os.path.join(cache(), f"node-{_digest('package.json')}")
    if shutil.which("node") is None:
        return folder, "node is not installed"
    if not os.path.isdir(os.path.join(folder, "node_modules")):
        return folder, f"the state-language validators are not installed: {_HOW} with npm"
    return folder, ""


LINTERS = ("argolint", "argolint3")


def argolint(name: str = "argolint") -> tuple[str, str]:
    """The binary of one of LINTERS, and why it is missing ("" where it is there)."""
    path = os.path.join(cache(), f"{name}-{_digest(f'{name}/go.mod', f'{name}/main.go')}")
    return path, "" if os.access(path, os.X_OK) else f"{name} is not built: {_HOW} with Go"


def _digest(*names: str) -> str:
    content = b""
    for name in names:
        with open(os.path.join(HERE, *name.split("/")), "rb") as stream:
            content += stream.read()
    return hashlib.sha256(content).hexdigest()[:12]
