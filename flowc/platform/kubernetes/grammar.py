"""The grammars of the fields that Kubernetes reads, so that what it would refuse is said at compile time.

Each function gives the reason why a text is not what the field takes, as a clause for a message,
or None. What follows these grammars cannot hold a character that an engine substitutes.
"""

from __future__ import annotations

import re

from flowc.manifest.names import is_label, is_subdomain

# Compiled when first used: most flows name few of these fields.
_WORD = r"[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?"
_QUANTITY = r"[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?"
_MOUNT_PATH = r"/[A-Za-z0-9_./@=+-]*"
_PROGRAM = r"[A-Za-z0-9_./@=+-]+"
PULL_POLICIES = ("Always", "IfNotPresent", "Never")

TOLERATION_KEYS = ("key", "operator", "value", "effect", "toleration_seconds", "tolerationSeconds")
OPERATORS = ("Exists", "Equal")
EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")


def label_value(text: str) -> str | None:
    """A label's value: empty, or 63 characters that begin and end with a letter or digit."""
    if text and (len(text) > 63 or not re.fullmatch(_WORD, text)):
        return "a label's value has at most 63 letters, digits, `-`, `_` and `.`, and begins and ends with a letter or digit"
    return None


def annotation_value(text: str) -> str | None:
    """An annotation's value: one line that no engine reads as an expression."""
    if "{{" in text:
        return "`{{` begins an expression of the engine"
    return None if text.isprintable() else "an annotation's value is one line of printable text"


def qualified_name(text: str) -> str | None:
    """A label's, annotation's or resource's key: `name`, or `dns.prefix/name`."""
    prefix, slash, name = text.rpartition("/")
    if slash and not is_subdomain(prefix):
        return "the part before `/` is a DNS name in lower case"
    if len(name) > 63 or not re.fullmatch(_WORD, name):
        return "a key has at most 63 letters, digits, `-`, `_` and `.`, and begins and ends with a letter or digit"
    return None


def object_name(text: str) -> str | None:
    """The name of a Secret, ServiceAccount, claim: a DNS name."""
    if is_subdomain(text):
        return None
    return "a name has lower-case letters, digits, `-` and `.`, and begins and ends with a letter or digit"


def namespace(text: str) -> str | None:
    """The name of a namespace: a DNS label."""
    return None if is_label(text) else "a namespace has at most 63 lower-case letters, digits and inner `-`"


def image(text: str) -> str | None:
    """A container image: `registry/repository:tag@digest`."""
    from flowc.target.images import image_reason

    return image_reason(text)


def quantity(text: str) -> str | None:
    """An amount of a resource: `2`, `500m`, `4Gi`."""
    return (
        None
        if re.fullmatch(_QUANTITY, text)
        else "a quantity is a number with an optional unit such as `m`, `M` or `Gi`"
    )


def mount_path(text: str) -> str | None:
    """Where a volume is mounted: an absolute path of plain characters."""
    return (
        None
        if re.fullmatch(_MOUNT_PATH, text)
        else "a mount path is absolute, of letters, digits and `_ . / @ = + -`"
    )


def program(text: str) -> str | None:
    """A program in the image: its name or path."""
    return (
        None if re.fullmatch(_PROGRAM, text) else "a program's path has letters, digits and `_ . / @ = + -`"
    )


def pull_policy(text: str) -> str | None:
    """When an image is pulled."""
    return None if text in PULL_POLICIES else "a pull policy is `Always`, `IfNotPresent` or `Never`"


def toleration(value: object) -> str | None:
    """One entry of `tolerations`: a mapping of the keys that Kubernetes has."""
    if not isinstance(value, dict):
        return "a toleration is a dictionary"
    unknown = [str(key) for key in value if key not in TOLERATION_KEYS]
    if unknown:
        return f"a toleration has no `{unknown[0]}`; it has `key`, `operator`, `value`, `effect`, `toleration_seconds`"
    operator = value.get("operator") or "Equal"
    if operator not in OPERATORS:
        return "the operator of a toleration is `Exists` or `Equal`"
    if operator == "Exists" and value.get("value"):
        return "a toleration with `Exists` has no value"
    if operator == "Equal" and not value.get("key"):
        return "a toleration without a key has the operator `Exists`"
    if value.get("effect") and value["effect"] not in EFFECTS:
        return "the effect of a toleration is `NoSchedule`, `PreferNoSchedule` or `NoExecute`"
    key = value.get("key")
    return (qualified_name(str(key)) if key else None) or label_value(str(value.get("value") or ""))
