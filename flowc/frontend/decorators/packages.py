"""`@pypi`, `@conda` and their flow-wide forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.frontend.decorators.attribute_values import shown
from flowc.ir.spec import Packages

if TYPE_CHECKING:
    from flowc.diagnostics.model import Sink
    from flowc.frontend.decl import DecoratorDecl
    from flowc.frontend.decorators.attributes import Values


def packages(decorator: DecoratorDecl, values: Values, sink: Sink) -> Packages:
    """Package → version, "" for any; `libraries` is the old name of `packages`."""
    found: dict[str, str] = {}
    for attribute in ("libraries", "packages"):
        given = values.get(attribute)
        if given is None or not isinstance(given.value, dict):
            continue
        for name, version in given.value.items():
            if isinstance(name, str) and (version is None or isinstance(version, (str, int, float))):
                found[name] = "" if version is None else str(version)
                continue
            sink.report(
                catalog.ATTRIBUTE_TYPE,
                given.span,
                f"`{attribute}` of `@{decorator.name}` maps {shown(name)} to {shown(version)}",
                helps=['write names and versions as strings: `{"pandas": "2.2.0"}`'],
            )
    python = values["python"].value if "python" in values else None
    disabled = bool(values["disabled"].value) if "disabled" in values else False
    manager = decorator.name.partition("_")[0]
    return Packages(manager, found, python if isinstance(python, str) else None, disabled, decorator.span)
