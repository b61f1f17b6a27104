"""A task's output, cut into lines as it comes."""

from __future__ import annotations

LONGEST = 1 << 20  # bytes; what is longer is shown in pieces


class Lines:
    """Takes bytes, gives whole lines as text."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[str]:
        """The lines that `chunk` completes, without their ends."""
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > LONGEST:
            whole.append(self._rest)
            self._rest = b""
        return [_text(line) for line in whole]

    def flush(self) -> list[str]:
        """The last line, if it had no end."""
        rest, self._rest = self._rest, b""
        return [_text(rest)] if rest else []


def _text(line: bytes) -> str:
    """What a terminal would be left with: a progress bar that returns to the line's begin overwrites it."""
    return line.decode(errors="replace").rstrip("\r").rpartition("\r")[2]
