"""The machines that a compute environment starts, and whether one of them is large enough for a step.

Invariant: what is not known for certain is no reason: only a request that no machine of the environment
can ever meet is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from flowc.launch.base import LaunchFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from flowc.launch.batch.aws import Aws


class Size(NamedTuple):
    """What a machine has, or a step asks for: virtual cores, MiB, GPUs."""

    vcpus: int = 0
    memory: int = 0
    gpus: int = 0

    def holds(self, asked: Size) -> bool:
        """Whether all that is asked for is there."""
        return all(has >= wants for has, wants in zip(self, asked, strict=True))


async def known_machines(aws: Aws, words: Iterable[str]) -> dict[str, list[Size]]:
    """The machines that each of the `words` stands for: a type (m5.large) or a family (m5); none to who may not ask."""
    patterns = {word: word if "." in word else f"{word}.*" for word in words if not _is_choice(word)}
    if not patterns:
        return {}
    asked: dict[str, object] = {"Filters": [{"Name": "instance-type", "Values": sorted(patterns.values())}]}
    found: dict[str, Size] = {}
    try:
        while True:
            answer = await aws.call("ec2", "describe_instance_types", **asked)
            found |= {kind["InstanceType"]: _size(kind) for kind in answer["InstanceTypes"]}
            if not answer.get("NextToken"):
                break
            asked["NextToken"] = answer["NextToken"]
    except LaunchFault:
        return {}
    return {word: [found[kind] for kind in found if _stands_for(word, kind)] for word in patterns}


def too_small(name: str, words: Sequence[str], known: Mapping[str, list[Size]], asked: Size) -> str:
    """Why no machine of the environment `name`, whose `words` say which it starts, holds what is asked; "" if one may."""
    chosen = [word for word in words if not _is_choice(word)]
    if not words or not all(known.get(word) for word in chosen):
        return ""
    sizes = [size for word in chosen for size in known[word]]
    if len(chosen) < len(words):  # AWS chooses among families of its own, large ones, none of which has GPUs
        return _most(name, "GPU", max((s.gpus for s in sizes), default=0), asked.gpus)
    if any(size.holds(asked) for size in sizes):
        return ""
    lacks = (
        _most(name, "MiB", max(s.memory for s in sizes), asked.memory)
        or _most(name, "vCPU", max(s.vcpus for s in sizes), asked.vcpus)
        or _most(name, "GPU", max(s.gpus for s in sizes), asked.gpus)
    )
    gpus = f" and {_counted(asked.gpus, 'GPU')}" if asked.gpus else ""
    all_of_it = f"{_counted(asked.vcpus, 'vCPU')}, {asked.memory:,} MiB{gpus}"
    return lacks or f"no machine of {name} has {all_of_it} at once, which the step asks for"


def _most(name: str, unit: str, most: int, asked: int) -> str:
    if most >= asked:
        return ""
    has = f"at most {_counted(most, unit)}" if most else f"no {unit}"
    return f"the machines of {name} have {has}, and the step asks for {asked:,}"


def _counted(count: int, unit: str) -> str:
    return f"{count:,} {unit}{'s' if count != 1 and unit != 'MiB' else ''}"


def _is_choice(word: str) -> bool:
    """Whether AWS chooses the machines."""
    return word == "optimal" or word.startswith("default_")


def _stands_for(word: str, kind: str) -> bool:
    return kind == word if "." in word else kind.partition(".")[0] == word


def _size(kind: Mapping[str, Any]) -> Size:
    gpus = (kind.get("GpuInfo") or {}).get("Gpus") or ()
    return Size(
        kind["VCpuInfo"]["DefaultVCpus"],
        kind["MemoryInfo"]["SizeInMiB"],
        sum(int(gpu.get("Count") or 0) for gpu in gpus),
    )
