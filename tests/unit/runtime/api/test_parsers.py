"""Parsers of package lists, held against Metaflow's own, and the small names of the API."""

from __future__ import annotations

from typing import Any

import pytest

from flowc import dsl
from flowc.dsl import MetaflowException
from flowc.runtime.api import parsers
from flowc.runtime.api.absent import Deployer, Runner, package_sources
from flowc.runtime.api.events import namespaced_event_name
from flowc.runtime.api.profiling import profile

REQUIREMENTS = """
# a comment
numpy==1.26
requests[security]>=2.8.1,<3   # why
python==3.11
lib @ git+https://example.org/lib.git
-e file:.
plain
"""
PYPROJECT = """
[project]
requires-python = ">=3.9"
dependencies = ["numpy==1.26", "pandas>=2,!=2.1", "plain"]
"""
CONDA = """
name: x
channels:
  - conda-forge
dependencies:
  - numpy=1.26
  - python==3.11  # why
  - pandas>=2
  - plain
prefix: /x
"""


def parsed(name: str, text: str, module: Any = parsers) -> object:  # noqa: ANN401 - ours or theirs
    try:
        return getattr(module, name)(text)
    except Exception as error:  # noqa: BLE001 - compared by its name
        return type(error).__name__


@pytest.mark.metaflow
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements_txt_parser", REQUIREMENTS),
        ("requirements_txt_parser", ""),
        ("requirements_txt_parser", "numpy; python_version > '3'"),
        ("requirements_txt_parser", "what is this"),
        ("requirements_txt_parser", "a==1.0.*\nb~=2.1\nc===x\nd (>=1,<2)"),
        ("pyproject_toml_parser", PYPROJECT),
        ("pyproject_toml_parser", ""),
        ("pyproject_toml_parser", "[project]\ndependencies = ['-x']"),
        ("conda_environment_yml_parser", CONDA),
        ("conda_environment_yml_parser", "dependencies:\n- pip:\n  - x"),
        ("conda_environment_yml_parser", "dependencies:\n- a b c"),
    ],
)
def test_a_list_of_packages_is_read_as_metaflow_reads_it(name: str, text: str) -> None:
    theirs = pytest.importorskip("metaflow.plugins.pypi.parsers")
    assert parsed(name, text) == parsed(name, text, theirs)


def test_yaml_is_read() -> None:
    assert parsers.yaml_parser("a: [1, x]") == {"a": [1, "x"]}


def test_what_is_absent_says_what_to_do() -> None:
    for use in (lambda: Runner("flow.py"), lambda: Deployer("flow.py"), lambda: package_sources("x")):
        with pytest.raises(MetaflowException, match="flowc has no `"):
            use()


def test_an_events_name_has_its_project_and_branch(monkeypatch: pytest.MonkeyPatch) -> None:
    named = namespaced_event_name("ready")
    assert named() == "mfns.ready"
    monkeypatch.setattr(dsl.current, "_facts", {"project_name": "shop", "branch_name": "test.new ui"})
    assert named() == "mfns.shop.test.newui.ready"
    with pytest.raises(ValueError, match="an event's name is a text"):
        namespaced_event_name(3)  # type: ignore[arg-type]  # on purpose


def test_a_profile_counts_or_prints(capsys: pytest.CaptureFixture[str]) -> None:
    counted: dict[str, int] = {}
    for _ in range(2):
        with profile("x", counted):
            pass
    with profile("y"):
        pass
    assert list(counted) == ["x"]
    assert capsys.readouterr().out.startswith("PROFILE: y starting\nPROFILE: y completed in ")
