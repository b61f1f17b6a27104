"""Where the flow's own files are while a task runs.

In an archive that also holds this shim they are unpacked once, since a flow may open files beside
its own; in an image they are where the image put them: below the working folder.
"""

from __future__ import annotations

import os

from flowc import contract
from flowc.runtime.load import FlowNotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def code_root() -> str:
    """The folder that FLOWC_ENTRY starts from. Raises FlowNotFound where there is no room for it."""
    archive = _archive()
    if archive is None:
        try:
            return os.getcwd()
        except FileNotFoundError as error:
            raise FlowNotFound("the working folder, where the flow's files were, was removed") from error
    target = os.path.join(contract.CONTROL_FOLDER, f"unpacked-{os.getpid()}")
    try:
        return _unpack(archive, target)
    except OSError as error:
        raise FlowNotFound(
            f"the flow's files cannot be unpacked to {target}: {error.strerror or error}"
        ) from error


def _archive() -> str | None:
    place = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return place if os.path.isfile(place) else None


def _unpack(archive: str, target: str) -> str:
    with open(archive, "rb") as stream:
        content = stream.read()
    for name, member in stored_members(content):
        if name.startswith(contract.CODE_FOLDER + "/"):
            path = os.path.join(target, *name.split("/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as stream:
                stream.write(member)
    return os.path.join(target, contract.CODE_FOLDER)


def stored_members(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of each member of a zip as `manifest.archive` writes it: stored, without a comment.

    `zipfile` would read any zip, and takes a tenth of an empty step's time to import.
    """

    def number(at: int, size: int) -> int:
        return int.from_bytes(content[at : at + size], "little")

    end = len(content) - 22  # the last record, of a fixed size: how many members, and where they are listed
    at = number(end + 16, 4)
    for _ in range(number(end + 10, 2)):
        size, name_size, start = number(at + 20, 4), number(at + 28, 2), number(at + 42, 4)
        name = content[at + 46 : at + 46 + name_size].decode()
        # Before its content a member has a record of its own, a name and what other tools may add.
        start += 30 + number(start + 26, 2) + number(start + 28, 2)
        yield name, content[start : start + size]
        at += 46 + name_size + number(at + 30, 2) + number(at + 32, 2)
