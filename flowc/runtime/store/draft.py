"""A file that is written before anyone can see it, and then appears under its name, whole.

On Linux a draft has no name at all (`O_TMPFILE`), so that a process killed in the middle leaves
nothing behind; where the file system cannot do that it lies beside its target as `.tmp-…`, and
is removed when the draft ends. Invariant: a target holds the whole content or is not there.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from collections.abc import Iterable

    from flowc.runtime.store import Piece

TEMPORARY = ".tmp-"
# Linux writes at most 2 GiB at once; smaller writes let another thread read what was written.
MOST_AT_ONCE = 16 << 20
GATHERED = 256 << 10  # small pieces are written together up to this many bytes

# What file systems say that know no files without a name, or no hard links.
WITHOUT_UNNAMED = {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOSYS}
WITHOUT_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV, errno.EMLINK}

_serial = itertools.count()
_process = (0, "")  # the number of this process, and the word that no other one has, on any machine


def temporary_name() -> str:
    """A name that no other draft of any process has."""
    global _process  # noqa: PLW0603 - one for each process, and another one after a fork
    if _process[0] != os.getpid():
        _process = (os.getpid(), os.urandom(8).hex())
    return f"{TEMPORARY}{_process[1]}-{next(_serial)}"


def can_be_unnamed() -> bool:
    """Whether this system can give an unnamed file its name; its file systems have a say too."""
    return hasattr(os, "O_TMPFILE") and os.path.isdir("/proc/self/fd")


class Draft:
    """A file in `folder`, open for writing until the `with` block ends. All methods raise OSError."""

    def __init__(self, folder: str, *, unnamed: bool) -> None:
        self._folder = folder
        self._name: str | None = None
        if unnamed:
            self.fd = _open(folder, folder, os.O_TMPFILE | os.O_WRONLY)
        else:
            self._name = f"{folder}/{temporary_name()}"
            self.fd = _open(folder, self._name, os.O_CREAT | os.O_EXCL | os.O_WRONLY)

    def __enter__(self) -> Draft:  # noqa: PYI034 - `Self` is younger than Python 3.9
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.fd)
        if self._name is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._name)

    def write(self, piece: Piece) -> None:
        """Append a piece."""
        view = memoryview(piece).cast("B")
        while view:
            view = view[os.write(self.fd, view[:MOST_AT_ONCE]) :]

    def write_all(self, pieces: Iterable[Piece]) -> None:
        """Append the pieces in order; of the large ones none is copied."""
        small: list[Piece] = []
        gathered = 0
        for piece in pieces:
            if len(piece) < GATHERED and gathered < GATHERED:
                small.append(piece)
                gathered += len(piece)
                continue
            self.write(b"".join(small))
            self.write(piece)
            small, gathered = [], 0
        self.write(b"".join(small))

    def link(self, target: str) -> bool:
        """Give the file its name; False where the name is taken."""
        try:
            if self._name is None:
                os.link(f"/proc/self/fd/{self.fd}", target, src_dir_fd=0, follow_symlinks=True)
            else:
                os.link(self._name, target)
        except FileExistsError:
            return False
        return True

    def replace(self, target: str) -> None:
        """Give the file its name, in place of another file."""
        if self._name is None:
            if self.link(target):
                return
            name = f"{self._folder}/{temporary_name()}"
            self.link(name)
            self._name = name
        os.replace(self._name, target)
        self._name = None


def _open(folder: str, path: str, flags: int) -> int:
    try:
        return os.open(path, flags, 0o666)
    except FileNotFoundError:
        make_folder(folder)
        return os.open(path, flags, 0o666)


def make_folder(folder: str) -> None:
    """Make a folder unless there is one, and those above it. Raises OSError."""
    try:
        os.mkdir(folder)
    except FileExistsError:
        if not os.path.isdir(folder):
            raise
    except FileNotFoundError:
        above = folder.rpartition("/")[0]
        if not above:
            raise
        make_folder(above)
        # Another task may have been faster. Where folders cannot be made, below /proc say, it is still not found.
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder)
