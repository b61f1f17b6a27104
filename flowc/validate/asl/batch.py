"""What Batch refuses in a job that its schema allows: amounts, attempts, sizes. For submissions; definitions are in `job_definitions`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.validate.parts import Mapping, json_size, mapping, mappings, number, text

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.findings import Findings

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_KINDS = ("VCPU", "MEMORY", "GPU")
_NONE_OF = {
    "GPU": "leave the requirement out",
    "VCPU": "write 1 or more; Fargate also has 0.25 and 0.5",
    "MEMORY": "write the MiB that it needs",
}
_MOST_ATTEMPTS = 10
_LEAST_TIMEOUT = 60
_MOST_OVERRIDES = 8_192
_MOST_PAYLOAD = 30 * 1024
_ARRAY = (2, 10_000)


def check_submission(findings: Findings, arguments: Mapping) -> None:
    """Report FC708, FC709 and FC753 for the arguments of `batch:submitJob`."""
    check_name(findings, ("JobName",), arguments.get("JobName"))
    check_attempts(findings, arguments)
    overrides = mapping(arguments.get("ContainerOverrides"))
    check_amounts(
        findings, ("ContainerOverrides", "ResourceRequirements"), overrides.get("ResourceRequirements")
    )
    check_variables(findings, ("ContainerOverrides", "Environment"), overrides.get("Environment"))
    size = number(mapping(arguments.get("ArrayProperties")).get("Size"))
    if size is not None and not _ARRAY[0] <= size <= _ARRAY[1]:
        findings.report(
            catalog.BATCH_JOB,
            ("ArrayProperties", "Size"),
            f"an array cannot have {size:,} jobs",
            f"it has {_ARRAY[0]} to {_ARRAY[1]:,}",
        )
    for path, value, most in (
        (("ContainerOverrides",), overrides, _MOST_OVERRIDES),
        ((), arguments, _MOST_PAYLOAD),
    ):
        length = json_size(value)
        if length > most:
            what = "overrides" if path else "submission"
            findings.report(
                catalog.MANIFEST_LIMIT,
                path,
                f"the {what} has {length:,} bytes; Batch takes {most:,}",
                "put constant settings into the job definition",
                at_key=True,
            )


def check_variables(findings: Findings, path: Path, variables: object) -> None:
    """Report variables of a job that Batch keeps for itself, or that stand twice."""
    seen: set[str] = set()
    for index, variable in mappings(variables):
        name = text(variable.get("Name"))
        if name.startswith("AWS_BATCH"):
            message = f"`{name}` begins with `AWS_BATCH`, which Batch keeps for itself"
            findings.report(catalog.BATCH_JOB, (*path, index, "Name"), message, "rename the variable")
        elif name and name in seen:
            message = f"the job has the variable `{name}` twice"
            findings.report(catalog.DUPLICATE_NAME, (*path, index, "Name"), message, "keep one of the two")
        seen.add(name)


def check_amounts(findings: Findings, path: Path, requirements: object) -> dict[str, tuple[int, float]]:
    """Report amounts that are none; each kind's index and amount is given back."""
    found: dict[str, tuple[int, float]] = {}
    for index, requirement in mappings(requirements):
        kind, value = text(requirement.get("Type")), requirement.get("Value")
        if kind.startswith(("{%", "${")):
            continue
        if kind and kind not in _KINDS:
            findings.report(
                catalog.BATCH_JOB,
                (*path, index, "Type"),
                f"Batch has no resource `{kind}`",
                "it has `VCPU`, `MEMORY` and `GPU`",
            )
        elif kind in found:
            findings.report(
                catalog.BATCH_JOB, (*path, index), f"`{kind}` is asked for twice", "keep one of the two"
            )
        elif isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,6})?", value):
            found[kind] = (index, float(value))
            if not float(value):
                message = f"a job cannot have 0 of `{kind}`"
                findings.report(catalog.BATCH_JOB, (*path, index, "Value"), message, _NONE_OF[kind])
        elif isinstance(value, str) and not value.startswith(("{%", "${")):
            findings.report(
                catalog.BATCH_JOB,
                (*path, index, "Value"),
                f"`{value}` is no amount of `{kind}`",
                "write a number as text, memory in MiB",
            )
    return found


def check_name(findings: Findings, path: Path, name: object) -> None:
    """Report a name that no job or job definition can have."""
    if isinstance(name, str) and not name.startswith("{%") and "${" not in name and not _NAME.fullmatch(name):
        findings.report(
            catalog.MANIFEST_NAME,
            path,
            f"`{name}` cannot be the name of a job",
            "use at most 128 letters, digits, `-` and `_`, a letter or digit first",
        )


def check_attempts(findings: Findings, holder: Mapping) -> None:
    """Report attempts and time limits beyond those of Batch."""
    attempts = number(mapping(holder.get("RetryStrategy")).get("Attempts"))
    if attempts is not None and not 1 <= attempts <= _MOST_ATTEMPTS:
        findings.report(
            catalog.BATCH_JOB,
            ("RetryStrategy", "Attempts"),
            f"Batch cannot try a job {attempts} times",
            f"write 1 to {_MOST_ATTEMPTS}",
        )
    timeout = number(mapping(holder.get("Timeout")).get("AttemptDurationSeconds"))
    if timeout is not None and timeout < _LEAST_TIMEOUT:
        findings.report(
            catalog.BATCH_JOB,
            ("Timeout", "AttemptDurationSeconds"),
            f"Batch cannot end a job after {timeout} s",
            f"write {_LEAST_TIMEOUT} or more",
        )
