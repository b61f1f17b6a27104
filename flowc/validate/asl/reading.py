"""What CloudFormation replaces in a state machine before Step Functions reads it."""

from __future__ import annotations

import re

from flowc.validate.shape import Reading

_PLACEHOLDER = re.compile(r"\$\{[^}]+\}")


def is_replaced(value: object) -> bool:
    """Whether something else takes a value's place: a placeholder, or a function of a template."""
    if isinstance(value, str):
        return _PLACEHOLDER.fullmatch(value) is not None
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


READING = Reading(replaced=is_replaced)
