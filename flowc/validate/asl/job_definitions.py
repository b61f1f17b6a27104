"""What Batch refuses in a job definition that its schema allows: where it runs, what it has there, its retries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.diagnostics import catalog
from flowc.diagnostics.suggest import did_you_mean
from flowc.platform.batch.sizes import fargate_size
from flowc.validate.asl.batch import check_amounts, check_attempts, check_name, check_variables
from flowc.validate.asl.reading import is_replaced
from flowc.validate.parts import Mapping, items, json_size, mapping, mappings, number, text

if TYPE_CHECKING:
    from flowc.manifest.placed.document import Path
    from flowc.validate.findings import Findings

_MOST_DEFINITION = 24 * 1024
_LEAST_MEMORY = 4  # MiB
_MOST_RULES = 5
_STORAGE = (21, 200)  # GiB of a job on Fargate
_CONTAINER = "ContainerProperties"
_AMOUNTS: Path = (_CONTAINER, "ResourceRequirements")
_CONDITIONS = ("OnExitCode", "OnReason", "OnStatusReason")
_DRIVERS = (
    "awsfirelens", "awslogs", "fluentd", "gelf", "journald", "json-file", "logentries", "splunk", "syslog",
)  # fmt: skip
_WORDS = {"Type": ("container", "multinode"), "PlatformCapabilities": ("EC2", "FARGATE")}
_NOT_ON_FARGATE = {
    "Privileged": "privileged containers",
    "InstanceType": "instance types",
    "Ulimits": "`Ulimits`",
}
_LINUX = ("SharedMemorySize", "Devices", "Tmpfs", "MaxSwap", "Swappiness")
_ONLY_FARGATE = ("FargatePlatformConfiguration", "NetworkConfiguration", "EphemeralStorage")
_HOLDERS = (_CONTAINER, "EcsProperties", "EksProperties")


def check_definition(findings: Findings, properties: Mapping) -> None:
    """Report FC705, FC708, FC709 and FC753 for the properties of an `AWS::Batch::JobDefinition`."""
    check_name(findings, ("JobDefinitionName",), properties.get("JobDefinitionName"))
    _check_words(findings, properties)
    check_attempts(findings, properties)
    _check_retries(findings, items(mapping(properties.get("RetryStrategy")).get("EvaluateOnExit")))
    container = properties.get(_CONTAINER)
    if isinstance(container, dict) and not is_replaced(container):
        _check_container(findings, container, items(properties.get("PlatformCapabilities")))
    if properties.get("Type") == "container" and not any(properties.get(key) for key in _HOLDERS):
        message = "a job definition of type `container` has no container"
        findings.report(catalog.BATCH_JOB, (), message, f"add `{_CONTAINER}`", at_key=True)
    length = json_size(properties)
    if length > _MOST_DEFINITION:
        message = f"the job definition has {length:,} bytes; Batch takes {_MOST_DEFINITION:,}"
        findings.report(catalog.MANIFEST_LIMIT, (), message, "move a part into the image", at_key=True)


def _check_words(findings: Findings, properties: Mapping) -> None:
    given = [(("Type",), properties.get("Type"), _WORDS["Type"])]
    capabilities = enumerate(items(properties.get("PlatformCapabilities")))
    driver = mapping(mapping(properties.get(_CONTAINER)).get("LogConfiguration")).get("LogDriver")
    places: list[tuple[Path, object, tuple[str, ...]]] = [
        *given,
        ((_CONTAINER, "LogConfiguration", "LogDriver"), driver, _DRIVERS),
        *((("PlatformCapabilities", at), word, _WORDS["PlatformCapabilities"]) for at, word in capabilities),
    ]
    for path, word, known in places:
        if isinstance(word, str) and word not in known and not is_replaced(word):
            helps = did_you_mean(word, known) or (f"it is one of {', '.join(f'`{k}`' for k in known)}",)
            field = next(part for part in reversed(path) if isinstance(part, str))
            message = f"`{word}` is no value of `{field}`"
            findings.report(catalog.FIELD_VALUE, path, message, *helps)


# ---------------------------------------------------------------------------------------- retries
def _check_retries(findings: Findings, rules: list[object]) -> None:
    """Rules are tried in order: what stands after one that always applies is never used."""
    base: Path = ("RetryStrategy", "EvaluateOnExit")
    if len(rules) > _MOST_RULES:
        message = f"a retry strategy has {len(rules)} rules; Batch takes {_MOST_RULES}"
        findings.report(catalog.BATCH_JOB, base, message, "join some of them", at_key=True)
    for index, rule in mappings(rules):
        if is_replaced(rule):
            return
        if text(rule.get("Action")).upper() not in {"RETRY", "EXIT"} and not isinstance(
            rule.get("Action"), dict
        ):
            message = f"`{rule.get('Action')}` is nothing that Batch does after an attempt"
            findings.report(catalog.BATCH_JOB, (*base, index), message, "write `RETRY` or `EXIT`")
        conditions = [rule[key] for key in _CONDITIONS if key in rule]
        if not conditions:
            message = "a rule of the retry strategy has no condition"
            remedy = f"add {', '.join(f'`{c}`' for c in _CONDITIONS[:-1])} or `{_CONDITIONS[-1]}`"
            findings.report(catalog.BATCH_JOB, (*base, index), message, remedy)
        elif all(condition == "*" for condition in conditions) and index < len(rules) - 1:
            message = "a rule that always applies is not the last one; what follows is never used"
            findings.report(catalog.BATCH_JOB, (*base, index), message, "move it to the end")


# -------------------------------------------------------------------------------------- container
def _check_container(findings: Findings, container: Mapping, platforms: list[object]) -> None:
    check_variables(findings, (_CONTAINER, "Environment"), container.get("Environment"))
    _check_mounts(findings, container)
    requirements = container.get("ResourceRequirements")
    amounts = check_amounts(findings, _AMOUNTS, requirements)
    if "FARGATE" in platforms:
        _check_fargate(findings, container, amounts)
    elif all(isinstance(platform, str) for platform in platforms):
        _check_ec2(findings, container, amounts)
    asked = {text(r.get("Type")) for _, r in mappings(requirements)}
    is_known = all(isinstance(r, dict) and not is_replaced(r) for r in items(requirements))
    for kind, older in (("VCPU", "Vcpus"), ("MEMORY", "Memory")):
        if kind not in asked and older not in container and is_known and not is_replaced(requirements):
            message = f"the job asks for no `{kind}`"
            remedy = f"add `{{Type: {kind}, Value: …}}` to `ResourceRequirements`"
            findings.report(catalog.BATCH_JOB, (_CONTAINER,), message, remedy, at_key=True)


def _check_mounts(findings: Findings, container: Mapping) -> None:
    volumes = [volume.get("Name") for _, volume in mappings(container.get("Volumes"))]
    for index, mount in mappings(container.get("MountPoints")):
        name = mount.get("SourceVolume")
        if isinstance(name, str) and name not in volumes and not is_replaced(container.get("Volumes")):
            helps = did_you_mean(name, [text(volume) for volume in volumes]) or (
                "declare it under `Volumes`",
            )
            path: Path = (_CONTAINER, "MountPoints", index, "SourceVolume")
            findings.report(
                catalog.UNKNOWN_VOLUME, path, f"the job mounts `{name}`, which is no volume", *helps
            )


def _check_ec2(findings: Findings, container: Mapping, amounts: dict[str, tuple[int, float]]) -> None:
    for kind, (index, value) in amounts.items():
        path = (*_AMOUNTS, index, "Value")
        if value and (not value.is_integer() or value < 1):
            message = f"Batch on EC2 cannot give {value:g} of `{kind}`"
            findings.report(catalog.BATCH_JOB, path, message, "write a whole number from 1")
        elif kind == "MEMORY" and 0 < value < _LEAST_MEMORY:
            message = f"{value:g} MiB are too little for a container"
            remedy = f"write {_LEAST_MEMORY} or more; the unit is MiB"
            findings.report(catalog.BATCH_JOB, path, message, remedy)
    for key in _ONLY_FARGATE:
        if container.get(key) and not is_replaced(container[key]):
            message = f"`{key}` is for jobs on Fargate, and this one runs on EC2"
            remedy = "leave it out, or add `PlatformCapabilities: [FARGATE]`"
            findings.report(catalog.BATCH_JOB, (_CONTAINER, key), message, remedy, at_key=True)


def _check_fargate(findings: Findings, container: Mapping, amounts: dict[str, tuple[int, float]]) -> None:
    if "GPU" in amounts:
        message = "Fargate has no GPUs"
        remedy = "run the job on EC2, or leave the GPU out"
        findings.report(catalog.BATCH_JOB, (*_AMOUNTS, amounts["GPU"][0]), message, remedy)
    if "VCPU" in amounts and "MEMORY" in amounts:
        _check_pair(findings, amounts["VCPU"], amounts["MEMORY"])
    if "ExecutionRoleArn" not in container:
        message = "a job on Fargate has no `ExecutionRoleArn`"
        remedy = "add the role that pulls the image and writes the logs"
        findings.report(catalog.BATCH_JOB, (_CONTAINER,), message, remedy, at_key=True)
    size = number(mapping(container.get("EphemeralStorage")).get("SizeInGiB"))
    if size is not None and not _STORAGE[0] <= size <= _STORAGE[1]:
        path: Path = (_CONTAINER, "EphemeralStorage", "SizeInGiB")
        message = f"a job on Fargate cannot have {size} GiB of storage"
        findings.report(
            catalog.BATCH_JOB, path, message, f"write {_STORAGE[0]} to {_STORAGE[1]}, or leave it out"
        )
    for path, what in _refused_on_fargate(container):
        message, remedy = f"Fargate has no {what}", "leave it out, or run the job on EC2"
        findings.report(catalog.BATCH_JOB, (_CONTAINER, *path), message, remedy, at_key=True)


def _refused_on_fargate(container: Mapping) -> list[tuple[Path, str]]:
    found: list[tuple[Path, str]] = []
    for key, what in _NOT_ON_FARGATE.items():
        if container.get(key) and str(container[key]).lower() != "false":
            found.append(((key,), what))
    linux = mapping(container.get("LinuxParameters"))
    found += [(("LinuxParameters", key), f"`{key}`") for key in _LINUX if linux.get(key)]
    for index, volume in mappings(container.get("Volumes")):
        if mapping(volume.get("Host")).get("SourcePath"):
            found.append((("Volumes", index, "Host"), "host to take a volume from"))
    return found


def _check_pair(findings: Findings, cores: tuple[int, float], memory: tuple[int, float]) -> None:
    millis, asked = round(cores[1] * 1000), round(memory[1])
    fits = fargate_size(millis, asked)
    if fits != (millis, asked):
        remedy = (
            f"the next pair is {fits[0] / 1000:g} vCPU with {fits[1]:,} MiB"
            if fits
            else "run the job on EC2, which has larger machines"
        )
        message = f"Fargate has no {cores[1]:g} vCPU with {memory[1]:,g} MiB"
        findings.report(catalog.BATCH_JOB, (*_AMOUNTS, memory[0], "Value"), message, remedy)
