"""Names of container images: their grammar, and whether one may mean another image tomorrow."""

from __future__ import annotations

import re

_DOMAIN = (
    r"(?:[A-Za-z0-9](?:[-A-Za-z0-9]*[A-Za-z0-9])?)(?:\.[A-Za-z0-9](?:[-A-Za-z0-9]*[A-Za-z0-9])?)*(?::[0-9]+)?"
)
_PATH_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_IMAGE = rf"(?:{_DOMAIN}/)?{_PATH_PART}(?:/{_PATH_PART})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?(?:@[A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{{32,}})?"


def image_reason(text: str) -> str | None:
    """Why a text is no image, as a clause for a message; None where it may be one."""
    if re.fullmatch(_IMAGE, text):
        return None
    if text != text.lower() and re.fullmatch(_IMAGE, text.lower()):
        return "a repository's name has no capital letters"
    return "an image is `[registry[:port]/]repository[:tag][@algorithm:digest]`"


def floating_reason(image: str) -> str | None:
    """Why a name does not say which image it is, as a predicate; None where it does, or is no image."""
    if "@" in image:
        return None
    tag = image.rpartition("/")[2].partition(":")[2]
    if tag not in ("", "latest") or image_reason(image) is not None:
        return None
    return "is tagged `latest`" if tag else "has no tag"
