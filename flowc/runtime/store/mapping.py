"""Files in memory: read as they are touched, a page copied for this process when it is written to.

A mapping lives as long as any value that has its bytes in it.
"""

from __future__ import annotations

import mmap
import os
import sys
import weakref

TYPE_CHECKING = False  # `typing` would cost a step a third of its start
if TYPE_CHECKING:
    from typing import Any

_LINUX = (("Linux", "x86_64"), ("Linux", "aarch64"))
# Mapping more than there is memory is no promise to write it all; Python has the word since 3.13.
_LAZY = getattr(mmap, "MAP_NORESERVE", 0x4000 if os.uname()[::4] in _LINUX else 0)
# Before Python 3.13 a mapping keeps its file open, of which a process may have a thousand or so.
MOST_MAPPED = 256

_live: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()


def map_file(fd: int, length: int) -> mmap.mmap | None:
    """The first `length` bytes of an open file; None where no mapping can be had."""
    options: Any = {"flags": mmap.MAP_PRIVATE | _LAZY}
    if sys.version_info >= (3, 13):
        options["trackfd"] = False
    elif len(_live) >= MOST_MAPPED:
        return None
    try:
        mapping = mmap.mmap(fd, length, prot=mmap.PROT_READ | mmap.PROT_WRITE, **options)
    except OSError:
        return None
    _live.add(mapping)
    return mapping
