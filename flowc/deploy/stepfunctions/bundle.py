"""What a bundle for Step Functions sends where: objects for S3, and a stack with its parameters.

Everything is read from the bundle itself, so that a committed one needs neither flow nor settings.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from flowc.backends.stepfunctions.deployment import split_s3
from flowc.deploy.faults import DeployFault
from flowc.manifest.digest import sha256_hex

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowc.manifest.bundle import BundleFile
    from flowc.target.settings import Settings

TEMPLATE, SCHEMA = "template.json", "parameters.schema.json"
STACK_PREFIX = "flowc-"
_MACHINE = ".asl.json"

# Which setting gives a parameter that the template leaves open, in the words of the command line.
_ASKED_BY = {
    "Image": "`--image` (`image`)",
    "DatastoreBucket": "`--datastore` (`datastore`)",
    "DatastorePrefix": "`--datastore` (`datastore`)",
    "JobQueue": "`--job-queue` (`stepfunctions.job_queue`)",
}


class Upload(NamedTuple):
    """An object of S3, named by its content: the key, its bytes, and what it is."""

    key: str
    content: bytes
    what: str


class StackBundle(NamedTuple):
    """A bundle read: the name of the machine, its template as written, and the objects beside it."""

    name: str
    template: bytes
    read: Mapping[str, Any]
    uploads: Sequence[Upload]

    @property
    def stack(self) -> str:
        """The stack's name, which begins so that no stack of the account's own is meant."""
        return stack_name(self.name)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What the template asks for."""
        found: Mapping[str, Any] = self.read.get("Parameters") or {}
        return found

    @property
    def bucket(self) -> object:
        """Where the uploads go: a bucket, or a reference to the parameter that names it."""
        return self.read["Resources"]["StateMachine"]["Properties"]["DefinitionS3Location"]["Bucket"]


def stack_name(name: str) -> str:
    """The stack of a flow that is deployed as `name`."""
    return STACK_PREFIX + "".join(c if c.isascii() and c.isalnum() else "-" for c in name)


def read_bundle(files: Sequence[BundleFile]) -> StackBundle:
    """Read a bundle and see that its parts belong together. Raises DeployFault."""
    contents = {file.path: file.content for file in files}
    template = contents.get(TEMPLATE)
    if template is None:
        raise DeployFault(
            f"there is no {TEMPLATE} to deploy: give a flow's file, or the folder of a bundle for Step Functions "
            "(`flowc compile … --target stepfunctions -o DIR` writes one)"
        )
    try:
        read = json.loads(template)
        machine = read["Resources"]["StateMachine"]["Properties"]
        key, name = str(machine["DefinitionS3Location"]["Key"]), str(machine["StateMachineName"])
    except (ValueError, KeyError, TypeError) as error:
        raise DeployFault(
            f"`{TEMPLATE}` is no template of flowc's: {error!r}; compile the bundle again"
        ) from error
    return StackBundle(name, template, read, _uploads(contents, key))


def _uploads(contents: Mapping[str, bytes], key: str) -> list[Upload]:
    folder = key.rpartition("/")[0]
    definition = next((content for path, content in contents.items() if path.endswith(_MACHINE)), None)
    if definition is None or f"{folder}/{sha256_hex(definition)}{_MACHINE}".lstrip("/") != key:
        raise DeployFault(
            f"the state machine beside `{TEMPLATE}` is {'missing' if definition is None else 'not the one it names'}; "
            "compile the bundle again"
        )
    found = [
        Upload(f"{folder}/{sha256_hex(content)}.zip".lstrip("/"), content, "code")
        for path, content in contents.items()
        if path.endswith(".zip")
    ]
    found.append(Upload(key, definition, "state machine"))
    if SCHEMA in contents:
        # `submit` by name reads it, to refuse what the flow does not take.
        found.append(Upload(schema_key(key), contents[SCHEMA], "schema of the input"))
    return found


def schema_key(machine_key: str) -> str:
    """Where the schema of the input lies: beside the state machine."""
    return machine_key.removesuffix(_MACHINE) + ".schema.json"


def values_of(bundle: StackBundle, settings: Settings, given: Mapping[str, str]) -> dict[str, str]:
    """The stack parameters that the command line and the configuration give. Raises DeployFault for unknown ones."""
    unknown = sorted(given.keys() - bundle.parameters.keys())
    if unknown:
        listed = ", ".join(f"`{name}`" for name in bundle.parameters) or "none"
        raise DeployFault(f"the template has no parameter `{unknown[0]}`; it has {listed}")
    bucket, prefix = (split_s3(settings.datastore) if settings.datastore else None) or (None, None)
    known = {
        "Image": settings.image,
        "DatastoreBucket": bucket,
        "DatastorePrefix": prefix,
        "JobQueue": settings.stepfunctions.job_queue,
    }
    configured = {n: v for n, v in known.items() if v is not None and n in bundle.parameters}
    return {**configured, **given}


def refuse_missing(bundle: StackBundle, values: Mapping[str, str], kept: frozenset[str]) -> None:
    """Raise DeployFault, naming every parameter which neither `values` nor the stack as it is (`kept`) have."""
    missing = [name for name in bundle.parameters if name not in values and name not in kept]
    if missing:
        ways = [f"{name} by {_ASKED_BY.get(name, f'`--stack-parameter {name}=…`')}" for name in missing]
        raise DeployFault(f"`{bundle.name}` cannot be deployed before it is said: {', '.join(ways)}")


def bucket_of(bundle: StackBundle, values: Mapping[str, str]) -> str | None:
    """The bucket of the uploads; None where only the stack as it is knows it."""
    if isinstance(bundle.bucket, str):
        return bundle.bucket
    reference = bundle.bucket.get("Ref") if isinstance(bundle.bucket, dict) else None
    return values.get(str(reference))
