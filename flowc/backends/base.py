"""What a backend is: a name, what it can express, and two functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.records import dataclass
from flowc.target.budget import Lowering

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.diagnostics.model import Sink
    from flowc.ir.program import Program
    from flowc.manifest.bundle import Bundle, Code
    from flowc.passes.bounds import Certificate
    from flowc.target.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Emission:
    """All that emission is made from; nothing else reaches a manifest."""

    program: Program
    settings: Settings
    code: Code
    certificate: Certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """One target. `check` reports FC6xx at the places to blame; after it, `emit` is total.

    `emit` may still report sizes (`manifest-too-large`), which only the result shows. `lowering`
    tells the certificate how the target holds the limit of tasks at once.
    """

    name: str
    summary: str
    check: Callable[[Program, Settings, Sink], None]
    emit: Callable[[Emission, Sink], Bundle]
    lowering: Lowering = Lowering.STATIC
