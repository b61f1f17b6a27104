"""`profile`: how long a block of code took."""

from __future__ import annotations

import contextlib
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def profile(label: str, stats_dict: dict[str, int] | None = None) -> Iterator[None]:
    """Add the milliseconds of the block to `stats_dict[label]`, or print them without one."""
    if stats_dict is None:
        print(f"PROFILE: {label} starting")  # noqa: T201 - what the flow asked for
    begun = time.time()
    yield
    took = int((time.time() - begun) * 1000)
    if stats_dict is None:
        print(f"PROFILE: {label} completed in {took}ms")  # noqa: T201 - as above
    else:
        stats_dict[label] = stats_dict.get(label, 0) + took
