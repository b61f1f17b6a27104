"""The language on the real engine: each flow's run leaves the tasks and artifacts that `flowc run` leaves.

Skipped where no cluster is given (see `argo`). Flows lie in `flows/`, and among the examples.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.conformance import argo

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

pytestmark = [
    pytest.mark.engines,
    pytest.mark.skipif(not argo.KUBECONFIG, reason="FLOWC_TEST_KUBECONFIG names no cluster"),
    pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl"),
]

FLOWS = Path(__file__).parent / "flows"
EXAMPLES = Path(__file__).parents[2] / "examples"
HOSTILE = "{{workflow.name}} $(HOME) ${HOME} \"q\" 'q' \\ é\n{{=1+1}} {% raw %} `x` \t end"
PASSED = {
    "text": HOSTILE,
    "plain": "",
    "empty": "@flowc",
    "whole": "-7",
    "real": "1e3",
    "flag": "false",
    "tree": '{"{{=1+1}}": "$(HOME)"}',
    "parts": "{{x}},ü,",
    "seed": "5",
}
# Each engine has its own words for these; a traceback holds the files' places.
OWN_WORDS = {"killed_why", "failure"}


class Bench:
    """One test's folder: compiles, runs on the engine, runs here."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = argo.store_of(argo.DATASTORE)

    def deploy(self, flow: Path, *options: str) -> str:
        """Compile and apply; the template's name."""
        argo.compile_flow(flow, self.folder / "bundle", *options)
        return argo.apply(self.folder / "bundle")

    def run(self, flow: Path, parameters: Mapping[str, str] | None = None, *options: str) -> argo.Ended:
        """Run a flow on the engine to its end."""
        return argo.wait(argo.submit(self.deploy(flow, *options), parameters))

    def tasks(self, flow: str, ended: argo.Ended) -> dict[str, argo.Task]:
        """The tasks that a run on the engine finished."""
        return argo.finished_tasks(self.store, flow, ended.run_id)

    def local_tasks(
        self, file: Path, flow: str, parameters: Mapping[str, str] | None = None, *options: str
    ) -> dict[str, argo.Task]:
        """The tasks that a run on this machine finished."""
        run_id, _ = argo.run_locally(file, self.folder, parameters or {}, *options)
        return argo.finished_tasks(argo.store_of(f"file://{self.folder}/store"), flow, run_id)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    yield Bench(tmp_path)


def flow_name(file: Path) -> str:
    """The one flow of a file."""
    (line,) = [line for line in file.read_text().splitlines() if "(FlowSpec):" in line]
    return line.split()[1].partition("(")[0]


def case(file: str, *options: str, **parameters: str) -> object:
    """A row of the table: a flow, options of both commands, parameters of the run."""
    name = "-".join([file.removesuffix(".py").removesuffix("/flow"), *parameters.values()])
    return pytest.param(file, options, parameters, id=name)


@pytest.mark.parametrize(
    ("file", "options", "parameters"),
    [
        case("flows/trials.py"),
        case("flows/surroundings.py"),
        case("flows/arms.py", way="none"),
        case("flows/arms.py", way="fork"),
        case("flows/arms.py", way="foreach"),
        case("flows/arms.py", way="single"),
        case("flows/straight.py", way="direct"),
        case("flows/straight.py", way="detour"),
        case("flows/rounds.py", "--max-visits", "5"),
        case("flows/wide.py", "--max-workers", "2"),
        case("examples/gang.py"),
        case("examples/config/flow.py"),
        case("examples/include_file/flow.py"),
        case("examples/unicode_names.py"),
        case("examples/switch_in_foreach.py"),
        case("examples/join_that_splits.py"),
        case("examples/nested_foreach.py"),
        case("examples/loop.py"),
        case("examples/self_loop.py"),
    ],
)
def test_the_same_tasks_as_here(
    bench: Bench, file: str, options: tuple[str, ...], parameters: dict[str, str]
) -> None:
    path = FLOWS.parent / file if file.startswith("flows/") else EXAMPLES.parent / file
    name = flow_name(path)
    ended = bench.run(path, parameters, *options)
    assert ended.phase == "Succeeded", ended.failures()
    assert_same(bench.tasks(name, ended), bench.local_tasks(path, name, parameters, *options))


def assert_same(there: dict[str, argo.Task], here: dict[str, argo.Task]) -> None:
    """Tasks one by one, so that a difference is readable."""
    assert sorted(there) == sorted(here)
    for task, found in there.items():
        expected = here[task]
        differing = {n for n, d in found.artifacts.items() if expected.artifacts.get(n) != d}
        differing |= expected.artifacts.keys() - found.artifacts.keys()
        assert differing <= OWN_WORDS, task
        assert found._replace(artifacts={}) == expected._replace(artifacts={}), task
