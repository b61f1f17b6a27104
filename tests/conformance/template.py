"""The values of a CloudFormation template's expressions, as far as compiled templates use them.

Only what a stack of ours holds is known: `Ref`, `Fn::GetAtt`, `Fn::Sub`, `Fn::Join`, `Fn::If` and the
conditions `Fn::Equals` and `Fn::Not`. Anything else is an error, never a guess.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

PSEUDO = {"AWS::Region": "us-east-1", "AWS::AccountId": "123456789012", "AWS::Partition": "aws"}


class Values:
    """What names stand for: parameters, pseudo parameters, and resources that have been made."""

    def __init__(self, template: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
        asked = template.get("Parameters", {}).keys()
        missing = asked - parameters.keys()
        assert not missing, f"the template asks for {sorted(missing)}"
        self.known: dict[str, str] = {**PSEUDO, **{name: parameters[name] for name in asked}}
        self.conditions: Mapping[str, Any] = template.get("Conditions", {})

    def of(self, value: Any) -> Any:  # noqa: ANN401 - any JSON
        """The value of an expression, or of all in a structure."""
        match value:
            case {"Ref": str(name)}:
                return self.known[name]
            case {"Fn::GetAtt": [str(name), "Arn"]}:
                return self.known[name]
            case {"Fn::Join": [str(between), list(parts)]}:
                return between.join(self.of(part) for part in parts)
            case {"Fn::If": [str(name), yes, no]}:
                return self.of(yes if self._holds(self.conditions[name]) else no)
            case {"Fn::Sub": [str(text), dict(own)]}:
                return self._substituted(text, {name: self.of(part) for name, part in own.items()})
            case {"Fn::Sub": str(text)}:
                return self._substituted(text, {})
            case dict():
                unknown = [name for name in value if name.startswith("Fn::")]
                assert not unknown, f"unknown: {unknown}"
                return {name: self.of(part) for name, part in value.items()}
            case list():
                return [self.of(part) for part in value]
        return value

    def _holds(self, condition: Any) -> bool:  # noqa: ANN401 - any JSON
        match condition:
            case {"Fn::Equals": [one, other]}:
                return bool(self.of(one) == self.of(other))
            case {"Fn::Not": [inner]}:
                return not self._holds(inner)
        raise AssertionError(f"unknown condition: {condition}")

    def _substituted(self, text: str, own: Mapping[str, str]) -> str:
        return re.sub(r"\$\{([^}]+)\}", lambda found: {**self.known, **own}[found[1]], text)


def camel_case(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Properties as the service's own API spells them: `JobRoleArn` becomes `jobRoleArn`."""
    match value:
        case dict():
            return {name[:1].lower() + name[1:]: camel_case(part) for name, part in value.items()}
        case list():
            return [camel_case(part) for part in value]
    return value
