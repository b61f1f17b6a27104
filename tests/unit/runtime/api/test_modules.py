"""What imports from `flowc` and `metaflow` give in a process that runs a step, Metaflow installed or not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flowc.frontend.project.api_names import API_NAMES, CARD_NAMES, METAFLOW_MODULES
from flowc.runtime.api.cards import __all__ as card_names
from flowc.runtime.api.names import HOMES, LEAKED, MODULES, STAR

ROOT = Path(__file__).parents[4]
PROGRAM = """
import json, sys
folder, lines = sys.argv[1], sys.argv[2:]
if folder:
    sys.path.insert(0, folder)
else:  # as if it were not installed
    sys.path[:] = [p for p in sys.path if "site-packages" not in p]
from flowc.runtime.api.modules import install_metaflow
install_metaflow()
said = []
for line in lines:
    try:
        names = {}
        exec(line, names)
        said.append(names.get("said", "ok"))
    except Exception as error:
        said.append(f"{type(error).__name__}: {error}")
print(json.dumps(said))
"""


def said(*lines: str, metaflow: Path | None = None) -> list[str]:
    """What each line gives: its `said`, `ok`, or its error. Without `metaflow` none is installed."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(metaflow or ""), *lines],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: list[str] = json.loads(done.stdout)
    return answer


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A package `metaflow` whose top level must not run."""
    files = {
        "__init__.py": "raise RuntimeError('the installed top level ran')",
        "util.py": "from metaflow.exception import MetaflowException, FromThere\nx = 1",
        "exception.py": "class FromThere(Exception): pass\nclass MetaflowException: 'not flowc’s'",
        "parameters.py": "from .util import x\ndef deploy_time_eval(): pass",
        "decorators.py": "raise ValueError('broken')",
        "plugins/__init__.py": "y = 2",
        "plugins/deep.py": "from metaflow.plugins import y",
    }
    for name, text in files.items():
        place = tmp_path / "metaflow" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return tmp_path


MISSING = (
    "ModuleNotFoundError: flowc has no `{}` in `{}`, and Metaflow is not installed here: add `metaflow` to what the "
    "step's image or environment installs, or do without the name"
)


@pytest.mark.parametrize(
    ("line", "without", "with_metaflow"),
    [
        ("from metaflow import FlowSpec, step, current, S3, cards", "ok", "ok"),
        ("import metaflow as mf; said = type(mf.current).__module__", "flowc.dsl", "flowc.dsl"),
        ("import metaflow; metaflow.exception.MetaflowNotFound", "ok", "ok"),
        ("from metaflow.exception import MetaflowException as M; said = M.__module__", "flowc.dsl", "flowc.dsl"),
        ("from metaflow.exception import FromThere", MISSING.format("FromThere", "metaflow.exception"), "ok"),
        ("from metaflow.util import x", MISSING.format("util", "metaflow"), "ok"),
        ("import metaflow; said = hasattr(metaflow, 'util')", False, True),
        ("from metaflow.parameters import Parameter, deploy_time_eval", MISSING.format("deploy_time_eval", "metaflow.parameters"), "ok"),
        ("from metaflow.plugins.deep import y; said = y", MISSING.format("deep", "metaflow.plugins"), 2),
        ("from metaflow.plugins.cards.card_modules.components import Markdown", "ok", "ok"),
        (
            "from metaflow import nope",
            MISSING.format("nope", "metaflow"),
            "ImportError: there is no `nope` in `metaflow`: neither flowc nor the installed Metaflow has it",
        ),
        (
            "from metaflow.decorators import Step",
            MISSING.format("Step", "metaflow.decorators"),
            "ImportError: `metaflow.decorators` of the installed Metaflow cannot be loaded for `Step`: broken",
        ),
        ("import metaflow; said = hasattr(metaflow, 'nope')", False, False),
        ("from flowc import nope", "ImportError: there is no `nope` in `flowc`", "ImportError: there is no `nope` in `flowc`"),
        ("import flowc.cards as a, metaflow.cards as b; said = a.Markdown is b.Markdown", True, True),
        ("from metaflow import *; said = os.sep + Flow.__name__ + cards.Table.__name__", "/FlowTable", "/FlowTable"),
        ("import metaflow; said = metaflow.__version__[:10]", "2.19+flowc", "2.19+flowc"),
    ],
)  # fmt: skip
def test_an_import(line: str, without: object, with_metaflow: object, installed: Path) -> None:
    assert said(line) + said(line, metaflow=installed) == [without, with_metaflow]


@pytest.mark.parametrize(
    ("program", "printed"),
    [
        ("from flowc.cards import Markdown; import flowc.exception as e; print(e.MetaflowNotFound.headline)", "Object not found"),
        ("from flowc import step; import metaflow", "RuntimeError: the installed top level ran"),
        ("import flowc.nope", "ImportError: there is no `nope` in `flowc`"),
    ],
)  # fmt: skip
def test_outside_of_a_step_only_flowc_is_flowcs(program: str, printed: str, installed: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{installed}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout + done.stderr).splitlines()[-1] == printed


def test_every_name_that_the_compiler_knows_is_there_and_no_other() -> None:
    gone = API_NAMES - METAFLOW_MODULES
    assert gone == {*HOMES, *LEAKED, "__version__", *(m for m in MODULES if "." not in m)}
    lines = [f"from {package} import {name}" for name in sorted(gone) for package in ("flowc", "metaflow")]
    assert set(said(*lines)) == {"ok"}


def test_a_star_import_brings_what_the_compiler_binds() -> None:
    assert set(STAR) <= API_NAMES
    assert set(card_names) == CARD_NAMES
    assert said("from metaflow import *; said = str(len(dir()))") == [str(len(STAR) + 1)]


@pytest.mark.metaflow
def test_the_modules_of_the_installed_metaflow_work_with_ours() -> None:
    metaflow = pytest.importorskip("metaflow")
    place = Path(metaflow.__file__).parents[1]
    modules = [
        *sorted(METAFLOW_MODULES - {"cmd_with_io"}),
        "plugins.cards.card_decorator",
        "plugins.kubernetes.kubernetes_decorator",
    ]
    lines = [f"import metaflow.{name}" for name in modules]
    assert dict(zip(lines, said(*lines, metaflow=place), strict=True)) == dict.fromkeys(lines, "ok")
