"""`flowc explain MANIFEST:LINE`: the step, the line of the flow and the reason behind a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flowc.cli.provenance.reasons import REASONS, Reason, reason_for
from flowc.cli.provenance.spot import Spot, spot_of
from flowc.cli.provenance.steps import part_of
from flowc.diagnostics.model import Sink
from flowc.manifest.placed.read import read_manifest
from flowc.source import SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands import Ended, Project

SWEEP = """\
from flowc import FlowSpec, resources, retry, schedule, step, timeout


@schedule(daily=True)
class Sweep(FlowSpec):
    @step
    def start(self):
        self.xs = [1, 2]
        self.next(self.fit, foreach="xs")

    @resources(memory=8000)
    @retry(times=2)
    @timeout(minutes=5)
    @step
    def fit(self):
        self.next(self.pick)

    @step
    def pick(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass
"""
SETTINGS = ("--image", "team/flows:1", "--datastore", "s3://bucket/runs")
QUEUE = "arn:aws:batch:us-east-1:123456789012:job-queue/q"
GOLDEN = Path(__file__).parents[3] / "golden/manifests"


@pytest.fixture
def bundles(project: Project, run: Callable[..., Ended]) -> Project:
    project.write(flow=SWEEP)
    for target in ("argo", "stepfunctions"):
        words = ("--target", target, "-o", target, *SETTINGS, "--job-queue", QUEUE)
        assert run("compile", "flow.py", *words, "-q").code == 0
    return project


def line_of(file: Path, text: str, after: str = "") -> int:
    """The first line that begins with `text`, after one that begins with `after`; indents and dashes apart."""
    lines = [line.lstrip(" -{") for line in file.read_text().splitlines()]
    begin = next(i for i, line in enumerate(lines) if line.startswith(after))
    return next(i for i, line in enumerate(lines) if i >= begin and line.startswith(text)) + 1


ARGO, ASL, STACK = "argo/sweep.yaml", "stepfunctions/sweep.asl.json", "stepfunctions/template.json"
LINES = [
    # file, after, line           of                                             the source             why
    (ARGO, "args: [step, fit]", "resources:", "template `fit`, for step `fit`", "flow.py:11:6", "Requests are the step's"),
    (ARGO, "name: fit", "retryStrategy:", "template `fit`, for step `fit`", "flow.py:12:6", "Attempts after"),
    (ARGO, "name: fit", "activeDeadline", "template `fit`, for step `fit`", "flow.py:13:6", "The limit of `@timeout`"),
    (ARGO, "name: start-xs", "parallelism:", "template `start-xs`, for step `start`", "flow.py:9:9", "How many tasks"),
    (ARGO, "name: start-xs", "withSequence:", "template `start-xs`, for step `start`", "flow.py:9:9", "One task for"),
    (ARGO, "", "parallelism: 16", "the whole flow", "flow.py:5:7", "Max-workers"),
    ("argo/sweep-cron.yaml", "", "schedules:", "the whole flow", "flow.py:4:2", "`@schedule`, in Unix's"),
    (ASL, "", '"fit":', "state `fit`, for step `fit`", "flow.py:15:9", "One part of a step"),
    (ASL, "", '"MaxConcurrency"', "state `start__map`, for step `start`", "flow.py:9:9", "How many iterations"),
    (STACK, "", '"ResourceRequirements"', "resource `Job", "flow.py:5:7", "What the steps of this"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "after", "text", "owner", "place", "why"), LINES)
def test_a_line_is_explained(
    bundles: Project, run: Callable[..., Ended], file: str, after: str, text: str, owner: str, place: str, why: str
) -> None:  # fmt: skip
    line = line_of(bundles.folder / file, text, after)
    said = run("explain", f"{file}:{line}").out.splitlines()
    assert said[0].startswith(f"{file}:{line}  ")
    assert said[3].startswith(f"of {owner}")
    assert said[4].startswith(f"  --> {place}  ")
    assert said[-1].startswith(why)


def test_the_same_for_programs(bundles: Project, run: Callable[..., Ended]) -> None:
    line = line_of(bundles.folder / ARGO, "resources:", "args: [step, fit]")
    document = json.loads(run("explain", f"{ARGO}:{line}", "--json").out)
    assert {k: document[k] for k in ("part", "flow", "steps", "places")} == {
        "part": {"kind": "template", "name": "fit"},
        "flow": "Sweep",
        "steps": ["fit"],
        "places": ["flow.py:11:6", "flow.py:15:9"],
    }


def test_without_the_flow_the_manifest_alone_is_explained(
    bundles: Project, run: Callable[..., Ended]
) -> None:
    (bundles.folder / "flow.py").unlink()
    said = run("explain", f"{ARGO}:{line_of(bundles.folder / ARGO, 'resources:', 'args: [step, fit]')}").out
    assert "of template `fit`, for step `fit`\n  made from flow.py, which is not here" in said
    assert "Requests are the step's" in said


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("argo/sweep.yaml:1", "line 1 of `argo/sweep.yaml` holds no value: it is empty or a comment"),
        ("argo/sweep.yaml:0", "and no line 0"),
        ("argo/sweep.yaml:9999", "and no line 9999"),
        ("nosuch.yaml:3", "`nosuch.yaml` cannot be read: No such file"),
        ("argo:3", "there is no diagnostic `argo:3`"),
        ("bad.yaml:1", "`bad.yaml` cannot be read: the file is not valid YAML"),
        ("other.yaml:2", ""),
    ],
)
def test_what_cannot_be_explained(
    bundles: Project, run: Callable[..., Ended], what: str, message: str
) -> None:
    bundles.put("bad.yaml", "a: [\n").put("other.yaml", "a: 1\nb: 2\n")
    ended = run("explain", what)
    assert (ended.code == 2) == bool(message)
    assert message in ended.err
    assert message or "does not say which flow it was made from" in ended.out


@pytest.mark.parametrize("example", sorted(path.name for path in GOLDEN.iterdir()))
def test_every_line_of_every_example_has_its_part(example: str) -> None:
    """Steps are found by names that the manifest itself gives to its tasks, and to no others."""
    for file in sorted((GOLDEN / example).rglob("*.*")):
        if file.suffix not in {".yaml", ".json"} or "schema" in file.name:
            continue
        text = file.read_text()
        documents = read_manifest(SourceFile(file.name, text), Sink())
        spots = [spot_of(documents, line + 1) for line in range(text.count("\n"))]
        steps = {step for spot in spots if spot is not None for step in part_of(spot).steps}
        for name in steps - {"flowc"}:  # flowc's own states have no step
            assert f'"{name}"' in text or f"value: {name}" in text or f"[step, {name}]" in text, name


def test_every_reason_has_a_line_in_some_example() -> None:
    used: set[Reason | None] = set()
    for file in [*GOLDEN.rglob("*.yaml"), *GOLDEN.rglob("*.asl.json"), *GOLDEN.rglob("template.json")]:
        for document in read_manifest(SourceFile(file.name, file.read_text()), Sink()):
            used.update(reason_for(part_of(Spot(document, path))) for path in document.places)
    left = {f"{reason.kind} {reason.path}" for reason in REASONS if reason not in used}
    assert left == {"state ItemReader"}, "no example has a foreach that large"
