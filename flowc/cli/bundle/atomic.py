"""Writing files so that a reader sees the old content or the new, never a part."""

from __future__ import annotations

import os

import click


def write_file(path: str, content: bytes) -> bool:
    """Replace the file at `path`; False where it has this content already. Folders are made.

    A device or a pipe is written to: it is no file that another could take the place of.
    """
    if is_special(path):
        _write_into(path, content)
        return True
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


def is_special(path: str) -> bool:
    """Whether there is something at `path` that is neither a file nor a folder."""
    return os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path)


def _write_into(path: str, content: bytes) -> None:
    try:
        with open(path, "wb") as stream:
            stream.write(content)
    except OSError as error:
        raise click.UsageError(f"cannot write `{path}`: {error.strerror}") from None


def _keep_mode(path: str, temporary: str) -> None:
    """A file that is replaced keeps its permissions (a script that `--fix` mends stays executable)."""
    if os.path.exists(path):
        os.chmod(temporary, os.stat(path).st_mode & 0o7777)


def _forget(path: str) -> None:
    if os.path.exists(path):
        os.unlink(path)
