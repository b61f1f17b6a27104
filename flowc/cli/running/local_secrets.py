"""What a plain name of `@secrets` means on this machine: a file or a variable that is configured.

Invariant: only where a secret is goes into the program, never what it holds.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import click

from flowc.records import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.cli.configuration.load import Configuration
    from flowc.ir.program import Program
    from flowc.ir.spec import Secret


def with_local_secrets(program: Program, configuration: Configuration, environ: Mapping[str, str]) -> Program:
    """The program with a typed source for each plain name; a usage error for names that have none.

    Steps that are sent away find their secrets there.
    """
    steps = dict(program.graph.steps)
    lacking: dict[str, str] = {}
    for name, step in steps.items():
        spec = step.spec
        elsewhere = spec.kubernetes is not None or spec.batch is not None
        if elsewhere or not any(secret.type is None for secret in spec.secrets):
            continue
        sources = [_source(secret, configuration, environ) for secret in spec.secrets]
        lacking.update((secret.name, name) for secret in sources if secret.type is None)
        steps[name] = replace(step, spec=replace(spec, secrets=tuple(sources)))
    if lacking:
        raise click.UsageError("\n       ".join(_lack(*pair) for pair in lacking.items()))
    return replace(program, graph=replace(program.graph, steps=steps))


def _source(secret: Secret, configuration: Configuration, environ: Mapping[str, str]) -> Secret:
    configured = configuration.secrets.get(secret.name)
    if secret.type is not None:
        return secret
    if isinstance(configured, dict) and "file" in configured:
        path = os.path.join(configuration.root, os.path.expanduser(configured["file"]))
        return replace(secret, type="file", options={"path": path})
    if isinstance(configured, dict):
        return replace(secret, type="env", options={"variable": configured["env"]})
    # A variable of the secret's own name is the secret, as where the engine sets it.
    return replace(secret, type="env") if secret.name in environ else secret


def _lack(secret: str, step: str) -> str:
    key = (
        secret
        if secret.replace("-", "").replace("_", "").isalnum() and secret.isascii()
        else json.dumps(secret)
    )
    return (
        f"the secret `{secret}` of the step `{step}` has no source on this machine: "
        f"write `file = …` or `env = …` under [tool.flowc.secrets.{key}]"
    )
