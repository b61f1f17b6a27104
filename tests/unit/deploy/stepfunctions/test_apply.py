"""What is sent of a bundle, to an account that only keeps what it is asked."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowc.deploy.faults import DeployFault
from flowc.deploy.stepfunctions.account import Account, Refused
from flowc.deploy.stepfunctions.apply import deploy
from flowc.deploy.stepfunctions.bundle import StackBundle, read_bundle, stack_name, values_of
from flowc.manifest.bundle import BundleFile
from flowc.manifest.digest import sha256_hex
from flowc.target.settings import Settings

MACHINE = b'{"StartAt": "a"}'
NO_STACK = Refused("", "ValidationError", "Stack with id flowc-train does not exist")


class Recorder(Account):
    """Every object is missing, every change set ready, every stack made at once."""

    def __init__(self) -> None:
        super().__init__(None, "eu-west-1")
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def call(self, service: str, operation: str, **parameters: object) -> dict[str, Any]:
        self.sent.append((f"{service}.{operation}", parameters))
        made = any(name.endswith("execute_change_set") for name, _ in self.sent)
        if operation == "describe_stacks" and not made:
            raise NO_STACK
        if operation == "head_object":
            raise Refused("", "404", "Not Found")
        answers: dict[str, dict[str, Any]] = {
            "describe_stacks": {"Stacks": [{"StackName": "flowc-train", "StackStatus": "CREATE_COMPLETE"}]},
            "describe_change_set": {"Status": "CREATE_COMPLETE"},
            "describe_stack_events": {"StackEvents": []},
            "describe_job_queues": {"jobQueues": [{"jobQueueName": "q", "jobQueueArn": "arn:q"}]},
        }
        return answers.get(operation, {})

    def of(self, operation: str) -> list[dict[str, Any]]:
        return [parameters for name, parameters in self.sent if name == operation]


def bundle(*, comment: str = "", parameters: tuple[str, ...] = (), prefix: str = "code") -> StackBundle:
    place = {"Bucket": "data", "Key": f"{prefix}/{sha256_hex(MACHINE)}.asl.json".lstrip("/")}
    machine = {"StateMachineName": "train", "DefinitionS3Location": place}
    template = {
        "Description": comment,
        "Parameters": {name: {"Type": "String"} for name in parameters},
        "Resources": {"StateMachine": {"Properties": machine}},
    }
    files = {"template.json": json.dumps(template).encode(), "train.asl.json": MACHINE, "code-0.zip": b"zip"}
    return read_bundle([BundleFile(path, content) for path, content in files.items()])


def test_objects_come_before_the_stack_that_names_them() -> None:
    account = Recorder()
    list(deploy(account, bundle(), {}, lambda _: None))
    operations = [name for name, _ in account.sent]
    assert [put["Key"] for put in account.of("s3.put_object")] == [
        f"code/{sha256_hex(b'zip')}.zip", f"code/{sha256_hex(MACHINE)}.asl.json",
    ]  # fmt: skip
    assert operations.index("cloudformation.create_change_set") > operations.index("s3.put_object")


@pytest.mark.parametrize(("size", "way"), [(1_000, "TemplateBody"), (60_000, "TemplateURL")])
def test_a_large_template_goes_by_s3(size: int, way: str) -> None:
    account = Recorder()
    made = bundle(comment="x" * size)
    list(deploy(account, made, {}, lambda _: None))
    (asked,) = account.of("cloudformation.create_change_set")
    key = f"code/{sha256_hex(made.template)}.template.json"
    expected = {
        "TemplateBody": made.template.decode(),
        "TemplateURL": f"https://data.s3.eu-west-1.amazonaws.com/{key}",
    }
    assert {name: asked[name] for name in expected if name in asked} == {way: expected[way]}
    assert (key in [put["Key"] for put in account.of("s3.put_object")]) == (way == "TemplateURL")


def test_nothing_is_sent_while_a_parameter_is_missing() -> None:
    account = Recorder()
    with pytest.raises(
        DeployFault, match=r"Image by `--image`.*EksEndpoint by `--stack-parameter EksEndpoint=…`"
    ):
        list(deploy(account, bundle(parameters=("Image", "EksEndpoint")), {}, lambda _: None))
    assert [name for name, _ in account.sent] == ["cloudformation.describe_stacks"]


def test_a_folder_without_a_name_is_no_slash() -> None:
    assert bundle(prefix="").uploads[0].key == f"{sha256_hex(b'zip')}.zip"


def test_the_command_line_goes_before_the_configuration() -> None:
    made = bundle(parameters=("Image", "DatastoreBucket", "DatastorePrefix"))
    settings = Settings(image="img:1", datastore="s3://data/a/b")
    assert values_of(made, settings, {"Image": "img:2"}) == {
        "Image": "img:2", "DatastoreBucket": "data", "DatastorePrefix": "a/b",
    }  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"Resources": {"StateMachine": 1}}'])
def test_a_template_of_someone_else_is_refused(content: bytes) -> None:
    with pytest.raises(DeployFault, match=r"`template.json` is no template of flowc's"):
        read_bundle([BundleFile("template.json", content)])


def test_a_stack_has_a_name_that_cloudformation_takes() -> None:
    assert stack_name("train_v2.x") == "flowc-train-v2-x"
