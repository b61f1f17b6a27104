"""What Kubernetes would refuse in a step's attributes, reported where it is written.

Invariant: a step that passes has only fields that follow their grammars; none of them holds a
character that an engine substitutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.platform import attributes
from flowc.platform.kubernetes import grammar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flowc.diagnostics.model import Rule, Sink
    from flowc.ir.graph import Step
    from flowc.ir.spec import Platform
    from flowc.source import Span

    # A text at fault: the rule, the attribute, the text, and why.
    Fault = tuple[Rule, str, str, str]


def check_step(step: Step, sink: Sink) -> None:
    """Report FC614, FC615, FC618 and FC622 for the pod of a step."""
    for secret in step.spec.secrets:
        reason = grammar.object_name(secret.name) if secret.type is None else None
        if reason is not None:
            _report_secret(sink, secret.span, secret.name, reason)
    platform = step.spec.kubernetes
    if platform is None:
        return
    for rule, attribute, text, reason in _faults(platform):
        where = attributes.span(platform, attribute)
        if rule is catalog.SECRET_NAME:
            _report_secret(sink, where, text, reason)
        else:
            sink.report(rule, where, f"`{text}` cannot be {_WORDS[attribute]}", notes=[reason])


def check_image(image: str, where: Span, sink: Sink) -> None:
    """Report FC618 for an image that no registry could hold."""
    reason = grammar.image(image)
    if reason is not None:
        sink.report(catalog.INVALID_IMAGE, where, f"`{image}` cannot be an image", notes=[reason])


_WORDS = {
    "image": "an image",
    "image_pull_policy": "an image pull policy",
    "executable": "the Python of a step",
    "service_account": "the name of a service account",
    "persistent_volume_claims": "a volume claim or its mount path",
    "tmpfs_path": "a mount path",
    "node_selector": "part of a node selector",
    "compute_pool": "the name of a compute pool",
    "labels": "part of a label",
    "annotations": "part of an annotation",
    "extended_resources": "part of an extended resource",
    "tolerations": "a toleration",
    "gpu_vendor": "a vendor of GPUs",
}
_TEXTS: dict[str, tuple[Rule, Callable[[str], str | None]]] = {
    "image": (catalog.INVALID_IMAGE, grammar.image),
    "service_account": (catalog.INVALID_NAME, grammar.object_name),
    "image_pull_secrets": (catalog.SECRET_NAME, grammar.object_name),
    "secrets": (catalog.SECRET_NAME, grammar.object_name),
    "image_pull_policy": (catalog.INVALID_FIELD, grammar.pull_policy),
    "executable": (catalog.INVALID_FIELD, grammar.program),
    "tmpfs_path": (catalog.INVALID_FIELD, grammar.mount_path),
    "compute_pool": (catalog.INVALID_FIELD, grammar.label_value),
    "gpu_vendor": (catalog.INVALID_FIELD, lambda text: grammar.qualified_name(f"{text}.com/gpu")),
}


_PAIRS: dict[str, tuple[Callable[[str], str | None], Callable[[str], str | None]]] = {
    "node_selector": (grammar.qualified_name, grammar.label_value),
    "labels": (grammar.qualified_name, grammar.label_value),
    "annotations": (grammar.qualified_name, grammar.annotation_value),
    "extended_resources": (grammar.qualified_name, grammar.quantity),
    "persistent_volume_claims": (grammar.object_name, grammar.mount_path),
}


def _faults(platform: Platform) -> Iterator[Fault]:
    for attribute, (rule, judge) in _TEXTS.items():
        for text in attributes.texts(platform, attribute):
            if text and (reason := judge(text)):
                yield rule, attribute, text, reason
    for attribute, judges in _PAIRS.items():
        for pair in attributes.pairs(platform, attribute).items():
            for text, judge in zip(pair, judges, strict=True):
                if reason := judge(text):
                    yield catalog.INVALID_FIELD, attribute, text, reason
    for item in attributes.mappings(platform, "tolerations"):
        if reason := grammar.toleration(item):
            yield catalog.INVALID_FIELD, "tolerations", repr(item), reason


def _report_secret(sink: Sink, where: Span, name: str, reason: str) -> None:
    sink.report(
        catalog.SECRET_NAME,
        where,
        f"`{name}` cannot be the name of a Kubernetes Secret",
        notes=[reason],
        helps=["a source of another kind is a dictionary: `{'type': 'aws-secrets-manager', 'id': …}`"],
    )
