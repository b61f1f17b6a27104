"""A value on its way from one process to another, through a file.

    pickle | buffers, each at a multiple of 64 bytes | start and length of each buffer
    | length of the pickle | count of buffers | MAGIC

All numbers are 8 bytes, little-endian. What is written last proves that all of it was written.
A large file is mapped, and the value's buffers are views of the map, writable as they were.
"""

from __future__ import annotations

import os
import pickle
import struct
import traceback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MAGIC = 0x464C4F574D415031
ALIGNMENT = 64
MAPPED = 1 << 20  # from so many bytes on; fewer are read
_TAIL = struct.Struct("<3Q")


def result_file(folder: str | None) -> int:
    """The descriptor of a new file without a name: in memory, or on disk in `folder`. Raises OSError."""
    if folder is None and hasattr(os, "memfd_create"):
        return os.memfd_create("flowc-map")
    place = folder or os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - a new name in it, gone at once
    path = os.path.join(place, f".flowc-map-{os.getpid()}-{os.urandom(8).hex()}")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    os.unlink(path)
    return descriptor


def write_result(descriptor: int, answer: tuple[bool, Any]) -> None:
    """Write (succeeded, value), or (False, why) where the value cannot be pickled or stored."""
    try:
        _write(descriptor, answer)
    except Exception as error:
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        kind = type(answer[1])
        named = f"{kind.__module__}.{kind.__qualname__}"
        _write(descriptor, (False, f"its result, of type {named}, cannot be sent back: {error}"))


def _write(descriptor: int, answer: Any) -> None:
    buffers: list[pickle.PickleBuffer] = []
    with open(descriptor, "wb", closefd=False) as stream:
        pickle.dump(answer, stream, protocol=5, buffer_callback=buffers.append)
        length = stream.tell()
        places: list[int] = []
        for buffer in buffers:
            view = buffer.raw()
            stream.write(bytes(-stream.tell() % ALIGNMENT))
            places += (stream.tell(), view.nbytes)
            stream.write(view)
        stream.write(struct.pack(f"<{len(places)}Q", *places))
        stream.write(_TAIL.pack(length, len(buffers), MAGIC))


def read_result(descriptor: int) -> tuple[bool, Any] | None:
    """What `write_result` wrote, or None if it did not get to the end. The descriptor is closed."""
    try:
        size = os.fstat(descriptor).st_size
        content: Any = _content(descriptor, size) if size else b""
    finally:
        os.close(descriptor)
    if size < _TAIL.size:
        return None
    length, count, magic = _TAIL.unpack_from(content, size - _TAIL.size)
    if magic != MAGIC:
        return None
    view = memoryview(content)
    places = struct.unpack_from(f"<{2 * count}Q", content, size - _TAIL.size - 16 * count)
    buffers = [view[start : start + many] for start, many in zip(places[::2], places[1::2])]
    return pickle.loads(view[:length], buffers=buffers)  # type: ignore[no-any-return]  # what was written


def _content(descriptor: int, size: int) -> Any:
    if size >= MAPPED:
        import mmap

        return mmap.mmap(descriptor, size)
    content = bytearray(size)
    os.preadv(descriptor, [content], 0) if hasattr(os, "preadv") else _read(descriptor, content)
    return content


def _read(descriptor: int, content: bytearray) -> None:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with open(descriptor, "rb", closefd=False) as stream:
        stream.readinto(content)


def failure_of(error: BaseException) -> str:
    """The traceback from the function's own frame on."""
    below = error.__traceback__.tb_next if error.__traceback__ else None
    return "".join(traceback.format_exception(type(error), error, below)).rstrip()
