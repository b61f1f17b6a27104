"""What a target leaves out, and what a run would miss: flows as text, diagnostics as lines."""

from __future__ import annotations

import pytest

from flowc.compiler import analyze
from flowc.diagnostics.model import Sink
from flowc.passes.support import check_support
from flowc.source import Sources
from flowc.target.settings import ArgoSettings, Settings, StepFunctionsSettings

FLOW = """\
from flowc import *

def tell(run): ...
{flow}
class Train(FlowSpec):
{body}
{step}
    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
"""
HOME = Settings(image="x:1", datastore="s3://b/p")


def check(
    target: str, settings: Settings = HOME, *, flow: str = "", step: str = "", body: str = ""
) -> list[str]:
    """`FC602 message` for each diagnostic of the target alone."""
    text = FLOW.format(flow=flow, step=f"    {step}" if step else "", body=f"    {body}" if body else "")
    sink = Sink()
    program = analyze("flow.py", Sources(None, {"flow.py": text}), settings, sink)
    assert program is not None
    assert [d.message for d in sink] == []
    own = Sink()
    check_support(program, settings, target, own)
    return [f"{d.rule.code} {d.message}" for d in own]


@pytest.mark.parametrize(
    ("step", "argo", "stepfunctions"),
    [
        ("@resources(memory=1)", [], []),
        (
            "@batch(queue='q')",
            ["FC602 Argo Workflows runs the `@batch` step `start` as a pod with the resources it asks for"],
            [],
        ),
        (
            "@kubernetes(cpu=1)",
            [],
            ["FC601 `start` has `@kubernetes`, and Step Functions has no cluster to run it on"],
        ),
        (
            "@kubernetes(namespace='n', node_selector={'a': 'b'})",
            ["FC610 Argo Workflows does not honour `namespace` of `@kubernetes` on `start`"],
            ["FC601 `start` has `@kubernetes`, and Step Functions has no cluster to run it on"],
        ),
        ("@card", ["FC604 no card is made of `start`"], ["FC604 no card is made of `start`"]),
        (
            "@pypi(packages={'a': '1'})",
            ["FC603 the packages of `@pypi` on `start` are not installed when it runs"],
            ["FC603 the packages of `@pypi` on `start` are not installed when it runs"],
        ),
        ("@pypi(disabled=True)", [], []),
    ],
)
def test_steps(step: str, argo: list[str], stepfunctions: list[str]) -> None:
    assert (check("argo", step=step), check("stepfunctions", step=step)) == (argo, stepfunctions)


def test_a_cluster_takes_kubernetes_steps() -> None:
    settings = Settings(image="x:1", stepfunctions=StepFunctionsSettings(eks_cluster="main"))
    assert check("stepfunctions", settings, step="@kubernetes(cpu=1)") == []


def test_an_image_with_the_code_holds_the_packages() -> None:
    assert check("argo", Settings(image="x:1", code="image"), step="@pypi(packages={'a': '1'})") == []


def test_an_exit_hook() -> None:
    assert check("argo", flow="@exit_hook(on_error=[tell])") == []
    assert [line[:5] for line in check("stepfunctions", flow="@exit_hook(on_error=[tell])")] == ["FC616"]


@pytest.mark.parametrize(
    ("image", "why"),
    [
        ("python", "has no tag"),
        ("localhost:5000/python", "has no tag"),
        ("python:latest", "is tagged `latest`"),
        ("python:3.12", None),
        ("localhost:5000/python:3.12", None),
        ("python@sha256:" + "0" * 64, None),
        ("python:latest@sha256:" + "0" * 64, None),
        ("Python", None),  # no image at all, which the platforms report
        ("my image", None),
    ],
)
def test_images(image: str, why: str | None) -> None:
    found = check("argo", Settings(image=image))
    expected = [f"FC503 the image `{image}` of `Train` {why}, so that a run tomorrow may run other code"]
    assert found == (expected if why else [])


def test_an_image_of_a_step() -> None:
    assert [m[:5] for m in check("argo", step="@kubernetes(image='python')")] == ["FC503"]


@pytest.mark.parametrize(
    ("target", "settings", "codes"),
    [
        ("argo", Settings(datastore="file:///data"), ["FC504"]),
        ("stepfunctions", Settings(datastore="file:///data"), ["FC504"]),
        ("argo", Settings(datastore="file:///data", argo=ArgoSettings(volume_claim="data")), []),
        (
            "stepfunctions",
            Settings(datastore="file:///data", argo=ArgoSettings(volume_claim="data")),
            ["FC504"],
        ),
    ],
)
def test_a_local_datastore(target: str, settings: Settings, codes: list[str]) -> None:
    assert [line[:5] for line in check(target, settings)] == codes


@pytest.mark.parametrize(
    ("flow", "body", "settings", "missing"),
    [
        ("@schedule(daily=True)", "", HOME, []),
        ("", "", Settings(), []),
        ("@schedule(daily=True)", "", Settings(), ["no image is configured", "no datastore is configured"]),
        (
            "@schedule(daily=True)",
            "a = Parameter('a', required=True)",
            HOME,
            ["nothing gives its parameter `a`"],
        ),
        ("@schedule(daily=True)", "a = Parameter('a', default=1)", HOME, []),
        ("@schedule(daily=True)", "a = Parameter('a', default=lambda _: 1)", HOME, []),
        (
            "@trigger(event='e')",
            "a = Parameter('a', required=True)",
            HOME,
            ["nothing gives its parameter `a`"],
        ),
        (
            "@trigger(event={'name': 'e', 'parameters': {'a': 'x'}})",
            "a = Parameter('a', required=True)",
            HOME,
            [],
        ),
    ],
)
def test_what_starts_by_itself_needs_every_value(
    flow: str, body: str, settings: Settings, missing: list[str]
) -> None:
    found = check("argo", settings, flow=flow, body=body)
    assert [line.partition(", and ")[2] for line in found if line.startswith("FC505")] == missing
