"""What a file system's refusal means to the one who runs a flow: which path, why, what to do."""

from __future__ import annotations

import errno
import os

from flowc.runtime.store import MissingObject, StoreError, UnreadableObject

_REMEDIES = {
    errno.ENOSPC: "free space there, or choose another datastore; then `flowc resume`",
    errno.EDQUOT: "free space or raise the quota, or choose another datastore; then `flowc resume`",
    errno.EROFS: "choose a datastore on a file system that can be written",
    errno.EACCES: "give user {user} the right to it, or choose another datastore",
    errno.EPERM: "give user {user} the right to it, or choose another datastore",
    errno.ENOTDIR: "a file stands where a folder must be: move it away, or choose another datastore",
    errno.ELOOP: "links lead in a circle: remove them, then `flowc resume` from the step it is of",
    errno.EFBIG: "raise the limit of a file's size (`ulimit -f`), or choose a datastore on another file system",
    errno.ENAMETOOLONG: "choose a datastore whose path is shorter, or shorter names for the flow and its steps",
    errno.ENOENT: "no folder can be made there: choose another datastore",
    errno.EMFILE: "raise the limit of open files (`ulimit -n`)",
    errno.ENFILE: "raise the machine's limit of open files (fs.file-max)",
    errno.EIO: "the disk or its connection fails: look at the system's log, then `flowc resume`",
    errno.ESTALE: "the network file system lost the folder: mount it again, then `flowc resume`",
}


def failure(action: str, path: str, error: OSError) -> StoreError:
    """The StoreError for an operation on `path` that the system refused."""
    said = (error.strerror or str(error)).lower()
    remedy = _REMEDIES.get(error.errno or 0)
    if remedy is None:
        return StoreError(f"cannot {action} {path}: {said}")
    return StoreError(f"cannot {action} {path}: {said}; {remedy.format(user=os.geteuid())}")


def unreadable(action: str, path: str, error: OSError) -> UnreadableObject:
    """The same for what is read or listed: of an object alone, as far as one can tell."""
    return UnreadableObject(str(failure(action, path, error)))


def missing(path: str) -> MissingObject:
    """The error for an object that a record or a caller names and that is not there."""
    return MissingObject(f"there is no object {path}; `flowc verify` lists what else its run lacks")


def no_links(path: str, error: OSError) -> StoreError:
    """The StoreError for a file system on which of two racing writers none can be told the first."""
    return StoreError(
        f"cannot create {path}: {(error.strerror or str(error)).lower()}; its file system must have hard links: "
        "choose a datastore on another one"
    )
