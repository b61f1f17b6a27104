"""Every example's jobs are what Batch's own description of its API takes, and fit its limits."""

from __future__ import annotations

import json
import os

import pytest

from flowc.compiler import analyze
from flowc.diagnostics.model import Sink
from flowc.launch.base import Order
from flowc.launch.batch.jobs import definition, submission
from flowc.launch.remote import Remote
from flowc.local.run import LocalRun, step_environments
from flowc.runtime.settings import read_settings
from flowc.runtime.store.files import FileStore
from flowc.source import Sources
from flowc.target.settings import Settings, StepFunctionsSettings

EXAMPLES = os.path.join(os.path.dirname(__file__), *[os.pardir] * 4, "examples")
FILES = sorted(name for name in os.listdir(EXAMPLES) if name.endswith(".py"))
ROLE = "arn:aws:iam::123456789012:role/flows"


@pytest.mark.parametrize("platform", ["EC2", "FARGATE"])
@pytest.mark.parametrize("file", FILES)
def test_jobs_are_legal(file: str, platform: str) -> None:
    validate = pytest.importorskip("botocore.validate", reason="boto3 is not installed")
    session = pytest.importorskip("botocore.session").get_session()
    model = session.get_service_model("batch")
    own = StepFunctionsSettings(
        platform=platform, job_queue="q", job_role=ROLE, execution_role=ROLE, tags={"Team": "a"}
    )
    settings = Settings(image="a/b:1", stepfunctions=own)
    program = analyze(file, Sources(EXAMPLES), settings, Sink())
    assert program is not None
    steps = program.graph.steps
    run = LocalRun(
        program=program, settings=settings, datastore="s3://b", run_id="f-1", root="/", remote=dict.fromkeys(steps, "batch")
    )  # fmt: skip
    remote = Remote(
        flow=program.graph.name, run_id="f-1", steps=steps, told=step_environments(run), settings=settings,
        store=FileStore("/nowhere"), code={},
    )  # fmt: skip
    for name, step in steps.items():
        made = definition(remote, step)
        own_words = {"FLOWC_PATH": "r", "FLOWC_ATTEMPT_ID": "a-1"}
        order = Order(settings=read_settings({**remote.told[name], **own_words}, "/"), environment=own_words)
        sent = submission(remote, order, "arn")
        for operation, parameters in (("RegisterJobDefinition", made), ("SubmitJob", sent)):
            shape = model.operation_model(operation).input_shape
            report = validate.ParamValidator().validate(parameters, shape)
            assert not report.has_errors(), report.generate_report()
        assert len(json.dumps(sent["containerOverrides"])) <= 8192
        assert len(json.dumps(made)) <= 24 * 1024
        assert made["jobDefinitionName"] == definition(remote, step)["jobDefinitionName"]
