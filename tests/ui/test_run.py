"""What `flowc run` says before a flow starts: its help, faults of options and of attached decorators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from flowc.cli.group import flowc, run
from tests.ui.test_text import snapshot

if TYPE_CHECKING:
    from pathlib import Path

FLOW = """\
from metaflow import FlowSpec, IncludeFile, JSONType, Parameter, step


def seed(context):
    return 7


class Train(FlowSpec):
    rate = Parameter("rate", help="The learning rate.", default=0.1)
    epochs = Parameter("max_epochs", help="Passes over\\n    the data.", type=int, required=True)
    verbose = Parameter("verbose", default=False)
    options = Parameter("options", type=JSONType, default='{"momentum": 0.9}')
    colours = Parameter("colours", separator=",", default="red,green")
    data = IncludeFile("data", help="The rows.")
    seed = Parameter("seed", default=seed, type=int)

    @step
    def start(self):
        self.kind = "a" if self.verbose else "b"
        self.next({"a": self.left, "b": self.right}, condition="kind")

    @step
    def left(self):
        self.next(self.end)

    @step
    def right(self):
        self.next(self.end)

    @step
    def end(self):
        pass
"""

# `default=seed` is the function: the class has no `seed` yet where it stands.
CALLS = {
    "run_help": "run train.py --help",
    "run_faults": "run train.py --rate fast --verbose maybe --options {a:1} --data rows.csv --sead 3 --max-epochs",
    "run_with": "run train.py --max_epochs 1 --with retry:tims=2 --with catch:var=2x --with kubernetis --format text",
    "resume_help": "resume train.py --help",
}


@pytest.mark.parametrize("name", CALLS)
def test_run(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    bless: bool,
) -> None:
    (tmp_path / "train.py").write_text(FLOW)
    monkeypatch.chdir(tmp_path)
    words = CALLS[name].split(" ")
    if "--help" in words:
        shown = CliRunner().invoke(flowc, words, prog_name="flowc", catch_exceptions=False).output
    else:
        assert run(words) in (1, 2)
        shown = capsys.readouterr().err
    snapshot(name, shown, bless=bless)
    assert not (tmp_path / ".flowc").exists()
