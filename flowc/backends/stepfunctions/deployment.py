"""What only the deployment knows, as the template says it: parameters, and values made of them.

What the configuration sets is a literal; what it leaves open is a Parameter without a default, so
that CloudFormation refuses to deploy what could not run and names what is missing.

Invariant: literals were checked by their own grammar before; only texts of this package reach
`Fn::Sub`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc.platform.batch.sizes import FARGATE
from flowc.records import dataclass

if TYPE_CHECKING:
    from flowc.manifest.bundle import Code
    from flowc.platform.batch.manifest import Text
    from flowc.target.settings import Settings

JOB_ROLE, EXECUTION_ROLE = "JobRole", "ExecutionRole"  # the template's own, where none is configured
QUEUE = "JobQueue"

_PARAMETERS: dict[str, dict[str, object]] = {
    "Image": {
        "Type": "String",
        "Description": "Container image of the steps; pin it by digest",
        "MinLength": 1,
    },
    "DatastoreBucket": {
        "Type": "String",
        "Description": "S3 bucket of the datastore",
        "AllowedPattern": "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
    },
    "DatastorePrefix": {
        "Type": "String",
        "Description": "Folder of the datastore in its bucket, without slashes at its ends; may be empty",
        "AllowedPattern": "^([A-Za-z0-9!_.()*-]+(/[A-Za-z0-9!_.()*-]+)*)?$",
    },
    "JobQueue": {
        "Type": "String",
        "Description": "ARN of the Batch job queue",
        "AllowedPattern": "^arn:[a-z-]+:batch:[a-z0-9-]+:[0-9]{12}:job-queue/.+$",
    },
    "EksCertificateAuthority": {
        "Type": "String",
        "Description": "Certificate authority of the EKS cluster, base64",
        "MinLength": 1,
    },
    "EksEndpoint": {
        "Type": "String",
        "Description": "Address of the EKS cluster's API server",
        "AllowedPattern": "^https://.+$",
    },
}


_OF_EKS = ("EksCertificateAuthority", "EksEndpoint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """Values for the template: the bucket and folder of the datastore, the code's address, the queue, roles.

    `folder` ends in a slash or is empty; `parameters` and `conditions` are what the others refer to, of
    which the template asks for those that it uses.
    `job_role` is that of the steps' containers, `execution_role` the one by which the platform
    starts them; EC2 needs none.
    """

    parameters: dict[str, object]
    conditions: dict[str, object]
    image: Text
    bucket: Text
    folder: Text
    datastore: Text
    queue: Text
    job_role: Text
    execution_role: Text | None
    code_bucket: Text
    code: Text
    code_key: str

    @property
    def values(self) -> dict[str, object]:
        """What the template can tell the definition; the rest is of steps that run on an EKS cluster."""
        return {
            "DatastoreBucket": self.bucket,
            "DatastorePrefix": self.folder,
            QUEUE: self.queue,
            "Image": self.image,
            "Datastore": self.datastore,
            "Code": self.code,
            **{name: {"Ref": name} for name in _OF_EKS},
        }


def read_deployment(settings: Settings, code: Code) -> Deployment:
    """A deployment's values, from the settings."""
    own = settings.stepfunctions
    asked: list[str] = []
    conditions: dict[str, object] = {}

    def given(value: str | None, parameter: str) -> Text:
        if value is not None:
            return value
        asked.append(parameter)
        return {"Ref": parameter}

    image = given(settings.image, "Image")
    location = split_s3(settings.datastore) if settings.datastore is not None else None
    if location is None:
        bucket, _ = given(None, "DatastoreBucket"), given(None, "DatastorePrefix")
        conditions["HasPrefix"] = {"Fn::Not": [{"Fn::Equals": [{"Ref": "DatastorePrefix"}, ""]}]}
        folder: Text = {"Fn::If": ["HasPrefix", {"Fn::Sub": "${DatastorePrefix}/"}, ""]}
        inside = {"Fn::Sub": "s3://${DatastoreBucket}/${DatastorePrefix}"}
        datastore: Text = {"Fn::If": ["HasPrefix", inside, {"Fn::Sub": "s3://${DatastoreBucket}"}]}
    else:
        bucket, prefix = location
        folder = f"{prefix}/" if prefix else ""
        datastore = f"s3://{bucket}/{prefix}" if prefix else f"s3://{bucket}"
    queue = _queue(own.job_queue) if own.job_queue is not None else given(None, "JobQueue")
    code_bucket = own.code_bucket or bucket
    code_key = f"{own.code_prefix}/{code.sha256}.zip"
    return Deployment(
        parameters={name: _PARAMETERS[name] for name in (*asked, *_OF_EKS)},
        conditions=conditions,
        image=image,
        bucket=bucket,
        folder=folder,
        datastore=datastore,
        queue=queue,
        job_role=own.job_role or _arn_of(JOB_ROLE),
        execution_role=own.execution_role or (_arn_of(EXECUTION_ROLE) if own.platform == FARGATE else None),
        code_bucket=code_bucket,
        code=_address(code_bucket, code_key),
        code_key=code_key,
    )


def split_s3(address: str) -> tuple[str, str] | None:
    """The bucket and folder of `s3://bucket/folder`; None for another kind of address."""
    scheme, _, rest = address.partition("://")
    if scheme != "s3":
        return None
    bucket, _, prefix = rest.partition("/")
    return bucket, prefix.strip("/")


def substituted(text: str, **values: Text) -> Text:
    """`Fn::Sub` of a text of ours, in which `${Name}` stands for each of `values`."""
    variables: dict[str, object] = {}
    for name, value in values.items():
        hole = "${" + name + "}"
        if isinstance(value, str):
            text = text.replace(hole, value)
        elif value.keys() == {"Ref"}:
            text = text.replace(hole, "${" + str(value["Ref"]) + "}")
        else:
            variables[name] = value
    if variables:
        return {"Fn::Sub": [text, variables]}
    return {"Fn::Sub": text} if "${" in text else text


def bucket_arn(bucket: Text, path: str = "") -> Text:
    """The ARN of a bucket, or of what `path` names in it (a pattern)."""
    return substituted("arn:${AWS::Partition}:s3:::${Bucket}" + path, Bucket=bucket)


def _arn_of(resource: str) -> Text:
    return {"Fn::GetAtt": [resource, "Arn"]}


def _queue(queue: str) -> Text:
    """A queue's ARN, made of its name where only that is configured."""
    if queue.startswith("arn:"):
        return queue
    return substituted(
        "arn:${AWS::Partition}:batch:${AWS::Region}:${AWS::AccountId}:job-queue/${Queue}", Queue=queue
    )


def _address(bucket: Text, key: str) -> Text:
    if isinstance(bucket, str):
        return f"s3://{bucket}/{key}"
    return {"Fn::Join": ["", ["s3://", bucket, f"/{key}"]]}
