"""Writing files so that a reader sees the old content or the new, never a part."""

from __future__ import annotations

import os

import click


def write_file(path: str, content: bytes) -> bool:
    """Replace the file at `path`; False where it has this content already. Folders are made."""
    try:
        with open(path, "rb") as stream:
            if stream.read() == content:
                return False
    except FileNotFoundError:
        pass
    except OSError as error:
        raise click.UsageError(f"cannot write `{path}`: {error.strerror}") from None
    folder = os.path.dirname(path)
    temporary = f"{path}.flowc-{os.getpid()}"
    try:
        if folder:
            os.makedirs(folder, exist_ok=True)
        with open(temporary, "wb") as stream:
            stream.write(content)
        _keep_mode(path, temporary)
        os.replace(temporary, path)
    except OSError as error:
        _forget(temporary)
        raise click.UsageError(f"cannot write `{path}`: {error.strerror}") from None
    return True


def _keep_mode(path: str, temporary: str) -> None:
    """A file that is replaced keeps its permissions (a script that `--fix` mends stays executable)."""
    if os.path.exists(path):
        os.chmod(temporary, os.stat(path).st_mode & 0o7777)


def _forget(path: str) -> None:
    if os.path.exists(path):
        os.unlink(path)
