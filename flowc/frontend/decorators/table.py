"""Every decorator of the API: its attributes, their types and ranges.

The attributes are those of Metaflow 2.19, and flowc's own `@fanout`. A number may be written as
text ("4096"), as Metaflow's own defaults are. None is accepted wherever it means "not given".
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """The type of an attribute; the value is how a message names it."""

    NUMBER = "a number"
    WHOLE = "a whole number"
    MEGABYTES = "a number of megabytes"
    TEXT = "a string"
    FLAG = "`True` or `False`"
    MAP = "a dict"
    LIST = "a list"
    TEXTS = "a list of strings"
    TEXT_OR_MAP = "a string or a dict"
    FUNCTIONS = "a list of functions"
    ANY = "any value"


# What no machine has and no engine counts to, of an attribute without another bound.
ENOUGH = 1_000_000_000


class Attribute(NamedTuple):
    """`low` and `high` (or `ENOUGH`) bound a number; `words` lists the values of a text, whatever their case.

    `needed`: a manifest depends on it, so that it must be known statically. What is not known of the
    others is a warning, and nothing at all for `Kind.ANY`, which only the runtime reads.
    """

    kind: Kind
    low: float | None = None
    high: float | None = None
    words: tuple[str, ...] = ()
    required: bool = False
    needed: bool = True


class DecoratorRule(NamedTuple):
    """`repeatable`: it may stand several times on one step or flow."""

    attributes: dict[str, Attribute]
    repeatable: bool = False


_TEXT = Attribute(Kind.TEXT)
_FLAG = Attribute(Kind.FLAG)
_MAP = Attribute(Kind.MAP)
_TEXTS = Attribute(Kind.TEXTS)
_COUNT = Attribute(Kind.WHOLE, 0)
_MEGABYTES = Attribute(Kind.MEGABYTES, 1)
_OPTIONAL = Attribute(Kind.ANY, needed=False)
_CPU = Attribute(Kind.NUMBER, 0.001)
_NAMES_OF_PACKAGES = Attribute(Kind.MAP, needed=False)
_PYTHON = Attribute(Kind.TEXT, needed=False)
_PACKAGES = {"packages": _NAMES_OF_PACKAGES, "python": _PYTHON, "disabled": _FLAG}
_CONDA = {
    "packages": _NAMES_OF_PACKAGES,
    "libraries": _NAMES_OF_PACKAGES,
    "python": _PYTHON,
    "disabled": _FLAG,
}

_OF_CARDS = (
    "type",
    "options",
    "scope",
    "rank",
    "timeout",
    "id",
    "save_errors",
    "customize",
    "refresh_interval",
)

# The larger of these attributes counts where several decorators of a step give them.
RESOURCE_ATTRIBUTES = ("cpu", "memory", "gpu", "disk", "shared_memory")

MAX_RETRIES = 4  # Metaflow runs at most 6 attempts, one of which `@catch` needs

STEP_RULES: dict[str, DecoratorRule] = {
    "resources": DecoratorRule(
        {"cpu": _CPU, "gpu": _COUNT, "disk": _MEGABYTES, "memory": _MEGABYTES, "shared_memory": _COUNT}
    ),
    "kubernetes": DecoratorRule(
        {
            "cpu": _CPU,
            "memory": _MEGABYTES,
            "disk": _MEGABYTES,
            "image": _TEXT,
            "image_pull_policy": Attribute(Kind.TEXT, words=("Always", "IfNotPresent", "Never")),
            "image_pull_secrets": _TEXTS,
            "service_account": _TEXT,
            "secrets": _TEXTS,
            "node_selector": Attribute(Kind.TEXT_OR_MAP),
            "namespace": _TEXT,
            "gpu": _COUNT,
            "gpu_vendor": Attribute(Kind.TEXT, words=("nvidia", "amd")),
            "tolerations": Attribute(Kind.LIST),
            "labels": _MAP,
            "annotations": _MAP,
            "use_tmpfs": _FLAG,
            "tmpfs_tempdir": _FLAG,
            "tmpfs_size": Attribute(Kind.MEGABYTES, 1),
            "tmpfs_path": _TEXT,
            "persistent_volume_claims": _MAP,
            "shared_memory": _COUNT,
            "port": Attribute(Kind.WHOLE, 1, 65_535),
            "compute_pool": _TEXT,
            "executable": _TEXT,
            "hostname_resolution_timeout": Attribute(Kind.WHOLE, 1),
            "qos": Attribute(Kind.TEXT, words=("Guaranteed", "Burstable")),
            "extended_resources": _MAP,
            "security_context": _MAP,
        }
    ),
    "batch": DecoratorRule(
        {
            "cpu": _CPU,
            "gpu": _COUNT,
            "memory": _MEGABYTES,
            "image": _TEXT,
            "queue": _TEXT,
            "iam_role": _TEXT,
            "execution_role": _TEXT,
            "shared_memory": _COUNT,
            "max_swap": _COUNT,
            "swappiness": Attribute(Kind.WHOLE, 0, 100),
            "inferentia": _COUNT,
            "trainium": _COUNT,
            "efa": _COUNT,
            "host_volumes": _TEXTS,
            "efs_volumes": _TEXTS,
            "use_tmpfs": _FLAG,
            "aws_batch_tags": _MAP,
            "tmpfs_tempdir": _FLAG,
            "tmpfs_size": Attribute(Kind.MEGABYTES, 1),
            "tmpfs_path": _TEXT,
            "ephemeral_storage": Attribute(Kind.WHOLE, 21, 200),
            "log_driver": _TEXT,
            "log_options": _TEXTS,
            "executable": _TEXT,
            "privileged": _FLAG,
        }
    ),
    "retry": DecoratorRule(
        {
            "times": Attribute(Kind.WHOLE, 0, MAX_RETRIES),
            # In seconds at most 99,999,999: more is no retrier of Step Functions.
            "minutes_between_retries": Attribute(Kind.NUMBER, 0, 1_000_000),
        }
    ),
    # Together less than 2**31 seconds: a pod has no later deadline.
    "timeout": DecoratorRule(
        {
            "seconds": Attribute(Kind.WHOLE, 0, 500_000_000),
            "minutes": Attribute(Kind.WHOLE, 0, 10_000_000),
            "hours": Attribute(Kind.WHOLE, 0, 100_000),
        }
    ),
    "catch": DecoratorRule({"var": _TEXT, "print_exception": _FLAG}),
    "environment": DecoratorRule({"vars": _MAP}),
    "secrets": DecoratorRule({"sources": Attribute(Kind.LIST), "role": _TEXT, "allow_override": _FLAG}),
    "parallel": DecoratorRule({}),
    "pytorch_parallel": DecoratorRule({"master_port": Attribute(Kind.WHOLE, 1, 65_535, needed=False)}),
    "card": DecoratorRule(
        dict.fromkeys(_OF_CARDS, _OPTIONAL),
        repeatable=True,
    ),
    "pypi": DecoratorRule(_PACKAGES),
    "conda": DecoratorRule(_CONDA),
    "fanout": DecoratorRule(
        {"max_workers": Attribute(Kind.WHOLE, 1), "max_num_splits": Attribute(Kind.WHOLE, 1)}
    ),
}

FLOW_RULES: dict[str, DecoratorRule] = {
    "schedule": DecoratorRule(
        {"cron": _TEXT, "weekly": _FLAG, "daily": _FLAG, "hourly": _FLAG, "timezone": _TEXT}
    ),
    "project": DecoratorRule(
        {"name": Attribute(Kind.TEXT, required=True), "branch": _TEXT, "production": _FLAG}
    ),
    "trigger": DecoratorRule(
        {"event": Attribute(Kind.TEXT_OR_MAP), "events": Attribute(Kind.LIST), "options": _OPTIONAL}
    ),
    "trigger_on_finish": DecoratorRule(
        {"flow": Attribute(Kind.TEXT_OR_MAP), "flows": Attribute(Kind.LIST), "options": _OPTIONAL}
    ),
    "exit_hook": DecoratorRule(
        {
            "on_success": Attribute(Kind.FUNCTIONS),
            "on_error": Attribute(Kind.FUNCTIONS),
            "options": _OPTIONAL,
        },
        repeatable=True,
    ),
    "pypi_base": DecoratorRule(_PACKAGES),
    "conda_base": DecoratorRule(_CONDA),
}
