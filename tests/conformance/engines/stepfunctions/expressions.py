"""The values of a CloudFormation template's expressions, as far as compiled templates use them.

Only what a stack of ours holds is known: `Ref`, `Fn::GetAtt` of an ARN, `Fn::Sub`, `Fn::Join`, `Fn::If`
and the conditions `Fn::Equals` and `Fn::Not`. Anything else is an error, never a guess.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HOLE = re.compile(r"\$\{([^}]+)\}")


class Values:
    """What names stand for: parameters, pseudo parameters, and resources that have been made.

    `known` is what `Ref` gives, `arns` what `Fn::GetAtt` of `Arn` does.
    """

    def __init__(self, template: Mapping[str, Any], known: Mapping[str, str]) -> None:
        self.known = dict(known)
        self.arns: dict[str, str] = {}
        self._conditions: Mapping[str, Any] = template.get("Conditions", {})

    def of(self, value: Any) -> Any:
        """The value of an expression, or of all in a structure."""
        match value:
            case {"Ref": str(name)}:
                return self.known[name]
            case {"Fn::GetAtt": [str(name), "Arn"]}:
                return self.arns[name]
            case {"Fn::Join": [str(between), list(parts)]}:
                return between.join(self.of(part) for part in parts)
            case {"Fn::If": [str(name), yes, no]}:
                return self.of(yes if self._holds(self._conditions[name]) else no)
            case {"Fn::Sub": [str(text), dict(own)]}:
                return self._substituted(text, {name: self.of(part) for name, part in own.items()})
            case {"Fn::Sub": str(text)}:
                return self._substituted(text, {})
            case dict():
                unknown = [name for name in value if name.startswith("Fn::")]
                if unknown:
                    raise ValueError(f"Template error: {unknown[0]} is not known here")
                return {name: self.of(part) for name, part in value.items()}
            case list():
                return [self.of(part) for part in value]
        return value

    def _holds(self, condition: Any) -> bool:
        match condition:
            case {"Fn::Equals": [one, other]}:
                return bool(self.of(one) == self.of(other))
            case {"Fn::Not": [inner]}:
                return not self._holds(inner)
        raise ValueError(f"Template error: the condition {condition} is not known here")

    def _substituted(self, text: str, own: Mapping[str, str]) -> str:
        return _HOLE.sub(lambda found: {**self.known, **own}[found[1]], text)


def names_in(value: Any, conditions: Mapping[str, Any]) -> Iterator[str]:
    """The names that the expressions of a structure speak of, also by the template's `conditions`."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            yield name
        case {"Fn::If": [str(name), yes, no]}:
            yield from names_in([conditions[name], yes, no], conditions)
        case {"Fn::Sub": [str(text), dict(own)]}:
            yield from (name for name in _HOLE.findall(text) if name not in own)
            yield from names_in(own, conditions)
        case {"Fn::Sub": str(text)}:
            yield from _HOLE.findall(text)
        case dict():
            yield from names_in(list(value.values()), conditions)
        case list():
            for part in value:
                yield from names_in(part, conditions)


def camel_case(value: Any) -> Any:
    """Properties as the service's own API spells them: `JobRoleArn` becomes `jobRoleArn`."""
    match value:
        case dict():
            return {name[:1].lower() + name[1:]: camel_case(part) for name, part in value.items()}
        case list():
            return [camel_case(part) for part in value]
    return value
