"""Where the flow's own files are while a task runs.

In an archive that also holds this shim they are unpacked once, since a flow may open files beside
its own; in an image they are where the image put them: below the working folder.
"""

from __future__ import annotations

import os

from flowc import contract


def code_root() -> str:
    """The folder that FLOWC_ENTRY starts from."""
    archive = _archive()
    return os.getcwd() if archive is None else _unpack(archive)


def _archive() -> str | None:
    place = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return place if os.path.isfile(place) else None


def _unpack(archive: str) -> str:
    import zipfile

    target = os.path.join(contract.CONTROL_FOLDER, f"unpacked-{os.getpid()}")
    prefix = contract.CODE_FOLDER + "/"
    with zipfile.ZipFile(archive) as opened:
        members = [name for name in opened.namelist() if name.startswith(prefix)]
        opened.extractall(target, members)
    return os.path.join(target, contract.CODE_FOLDER)
