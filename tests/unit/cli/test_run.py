"""`flowc run` and `flowc resume` from their words to their exit codes and what is left."""

from __future__ import annotations

import json
import re
import textwrap
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.commands import BROKEN, HELLO

if TYPE_CHECKING:
    from typing import Any

    from tests.commands import Ended, Project

SUM = """\
import os
from flowc import FlowSpec, Parameter, current, secrets, step


class Sum(FlowSpec):
    count = Parameter("count", default=3, help="how many")
    name = Parameter("name", default="x")

    @step
    def start(self):
        self.numbers = list(range(self.count))
        self.next(self.double, foreach="numbers")

    @step
    def double(self):
        if self.input == 2 and not os.path.exists("mended"):
            raise ValueError("not yet")
        self.twice = self.input * 2
        self.next(self.join)

    @step
    def join(self, inputs):
        self.total = sum(i.twice for i in inputs)
        self.next(self.end)

    @step
    def end(self):
        print(f"total {self.total} of {self.name} {sorted(current.tags)}")
"""


class Commands(NamedTuple):
    """`flowc` in a project's folder."""

    project: Project
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> Ended:
        return self.project.run(*words, capsys=self.capsys)

    def printed(self, *words: str) -> list[str]:
        """What the tasks of a command print, without their names."""
        return [line.partition("] ")[2] for line in self(*words).out.splitlines()]

    def run_json(self, run_id: str, flow: str = "Sum") -> Any:  # noqa: ANN401 - JSON
        return json.loads((self.project.folder / ".flowc/store" / flow / run_id / "run.json").read_text())


@pytest.fixture
def flowc(project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Commands:
    monkeypatch.setattr("flowc.cli.running.start.random_word", _counter())
    project.write(sum=SUM, hello=HELLO, broken=BROKEN)
    return Commands(project, capsys)


def _counter() -> Any:  # noqa: ANN401 - a function
    numbers = iter(range(1, 100))
    return lambda: f"{next(numbers):06x}"


def test_a_run_and_what_it_leaves(flowc: Commands) -> None:
    (flowc.project.folder / "mended").touch()
    ended = flowc("run", "sum.py", "--count", "4", "--name=-é\n", "--tag", "a", "--tag", "b", "--tag", "a", "--run-id-file", "id")  # fmt: skip
    assert ended.code == 0
    assert ended.err == "Run sum-000001 of Sum begins.\nRun sum-000001 is done: 7 tasks ran.\n"
    assert [line.partition("] ")[2] for line in ended.out.splitlines()] == ["total 12 of -é", " ['a', 'b']"]
    assert (flowc.project.folder / "id").read_text() == "sum-000001"
    assert flowc.run_json("sum-000001")["tags"] == ["a", "b"]


def test_a_failure_is_resumed(flowc: Commands) -> None:
    failed = flowc("run", "sum.py", "--name", "kept", "--max-workers", "1")
    assert failed.code == 1
    assert failed.err.splitlines()[1:] == [
        "Workflow failed.",
        "    Step failure:",
        "    Step double (task-id r.2) failed.",
        "Task double/r.2 failed (attempt 1 of 1, exit code 1). 3 of 6 tasks are kept.",
        "resume with: flowc resume sum.py --max-workers 1 --origin-run-id sum-000001",
    ]
    (flowc.project.folder / "mended").touch()
    resumed = flowc("resume", "sum.py", "--tag", "again")
    assert resumed.err.splitlines() == [
        "Run sum-000002 of Sum resumes sum-000001.",
        "taken over from sum-000001: start, double (2)",
        "ran here, not finished there: double",
        "ran here, something before it ran anew: join, end",
        "Run sum-000002 is done: 3 tasks ran, 3 taken over.",
    ]
    assert "total 6 of kept ['again']" in resumed.out
    from_join = flowc("resume", "sum.py", "join", "--origin-run-id", "Sum/sum-000002")
    assert from_join.err.splitlines() == [
        "Run sum-000003 of Sum resumes sum-000002 from `join` on.",
        "taken over from sum-000002: start, double (3)",
        "ran here, from here on everything was to run: join",
        "ran here, something before it ran anew: end",
        "Run sum-000003 is done: 2 tasks ran, 4 taken over.",
    ]


RENAMED = SUM.replace("double", "twofold").replace("input == 2", "input == 7")
PLAIN = RENAMED.replace(', foreach="numbers"', "").replace("(self, inputs)", "(self)")
GANG = RENAMED.replace('foreach="numbers"', "num_parallel=3").replace(
    "    @step\n    def tw", "    @parallel\n    @step\n    def tw"
)
UNLIKE = "recorded of start/r does not lead on as `start` does now: its self.next was changed"


@pytest.mark.parametrize(
    ("before", "now", "code", "said"),
    [
        (SUM, RENAMED, 0, "taken over from sum-000001: start\n"),
        (SUM, PLAIN, 1, "taken over from sum-000001: start\n"),  # its `self.input` is None
        (SUM, GANG, 2, UNLIKE),
        (SUM.replace(', foreach="numbers"', "").replace("(self, inputs)", "(self)"), SUM, 2, UNLIKE),
    ],
)
def test_a_flow_is_changed_before_it_is_resumed(
    flowc: Commands, before: str, now: str, code: int, said: str
) -> None:
    flowc.project.write(sum=before)
    assert flowc("run", "sum.py").code == 1
    flowc.project.write(sum=now.replace("import FlowSpec", "import FlowSpec, parallel"))
    resumed = flowc("resume", "sum.py")
    assert (resumed.code, said in resumed.err, "FC901" in resumed.err) == (code, True, False), resumed.err
    assert ("Run it anew: `flowc resume FILE start`" in resumed.err) == (code == 2)


def test_a_run_that_never_began_is_not_to_be_resumed(flowc: Commands) -> None:
    flowc.project.write(lacking=HELLO.replace("\nclass", "\nimport no_such_module\n\n\nclass", 1))
    failed = flowc("run", "lacking.py")
    assert (failed.code, "No module named 'no_such_module'" in failed.out) == (1, True)
    assert failed.err.splitlines()[-2:] == [
        "Task start/r failed (attempt 1 of 1, exit code 1). 0 of 2 tasks are kept.",
        "The first task did not get so far that the run could be resumed: start it again.",
    ]
    assert "its first step never began; start a new run" in flowc("resume", "lacking.py").err


def test_a_run_here_has_the_environment_of_here(flowc: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = """\
    import os
    from metaflow import FlowSpec, Parameter, environment, step


    class Here(FlowSpec):
        level = Parameter("level", default=os.environ.get("LEVEL", "none"))

        @environment(vars={"URL": os.getenv("SERVER", "http://nowhere")})
        @step
        def start(self):
            print(os.environ["URL"], self.level)
            self.next(self.end)

        @step
        def end(self):
            pass
    """
    flowc.project.write(here=textwrap.dedent(flow))
    assert flowc.printed("run", "here.py") == ["http://nowhere none"]
    monkeypatch.setenv("SERVER", "http://here")
    monkeypatch.setenv("LEVEL", "high")
    assert flowc.printed("run", "here.py") == ["http://here high"]
    assert "error[FC108]" in flowc("compile", "here.py", "--target", "argo").err


def test_decorators_are_attached(flowc: Commands) -> None:
    failed = flowc("run", "sum.py", "--with", "retry:times=1,minutes_between_retries=0")
    assert "failed (attempt 2 of 2, exit code 1)" in failed.err
    again = "resume sum.py --with retry:times=1,minutes_between_retries=0 --origin-run-id sum-000001"
    assert f"resume with: flowc {again}\n" in failed.err
    caught = flowc("run", "sum.py", "--with", "catch:var=failure")
    assert "warning[FC125]: `--with catch` leaves out the step `start`" in caught.err
    assert caught.code == 0


USAGE = [
    ("run sum.py --count x", "`--count` takes a whole number, not `x`"),
    ("run sum.py --cuont 1", "neither flowc nor the flow has an option `--cuont`; did you mean `--count`?"),
    ("run sum.py --with kubernetes", "`start`, `double`, `join`, `end` run in containers, which cannot reach file:///"),
    ("run sum.py --with batch --datastore s3://flows/x", "the step `start` has no image"),
    ("run sum.py --with batch --datastore s3://flows/x --image a/b:1", "the step `start` has no job queue"),
    ("run sum.py --with batch --datastore s3://flows/x --image a/b:1 --job-queue q", "the step `start` has no role"),
    ("run sum.py --tag=", "`--tag`: a tag is a line of 1 to 500 characters"),
    ("run none.py", "there is no file `none.py`"),
    ("run sum.py fit", "nothing takes the word `fit`: parameters are given as `--name value`"),
    ("run sum.py --count --name x", "`--count` takes a whole number, not `--name`"),
    ("run sum.py --run-id-file sum.py/id", "cannot write `sum.py/id`: Not a directory"),
    ("resume sum.py", "no run of Sum is in file:///"),
    ("resume sum.py --origin-run-id x", "has no run `x` of Sum"),
    ("resume sum.py duoble", "the flow Sum has no step `duoble`; did you mean `double`?"),
    ("resume sum.py --count 1", "`--count` cannot be given to `flowc resume`"),
    ("resume sum.py --config a b", "`--config` cannot be given to `flowc resume`"),
    ("resume sum.py --max-worker 1", "`flowc resume` has no option `--max-worker`; did you mean `--max-workers`?"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "message"), USAGE)
def test_usage_errors_start_nothing(flowc: Commands, words: str, message: str) -> None:
    ended = flowc(*words.split(" "))
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert not (flowc.project.folder / ".flowc").exists()


def test_a_flow_with_faults_starts_nothing(flowc: Commands) -> None:
    assert flowc("run", "broken.py").code == 1
    assert not (flowc.project.folder / ".flowc").exists()


def test_nothing_to_resume(flowc: Commands) -> None:
    flowc("run", "hello.py")
    ended = flowc("resume", "hello.py", "--origin-run-id", "hello-000009")
    assert "has no run `hello-000009` of Hello; did you mean `hello-000001`?" in ended.err
    assert (
        "the run hello-000001 succeeded, so that nothing is left to resume" in flowc("resume", "hello.py").err
    )


def test_a_parameter_goes_before_an_option_of_the_same_name(flowc: Commands) -> None:
    flow = SUM.replace('"name", default="x"', '"datastore", default="x"')
    flowc.project.write(sum=flow.replace("range(self.count)", "range(2)"))
    assert "total 2 of s3://x []" in flowc("run", "--datastore", "s3://x", "sum.py").out
    assert "Parameters of the flow in sum.py:" in flowc("run", "sum.py", "--help").out


LOGIN = """\
import os
from flowc import FlowSpec, secrets, step


class Login(FlowSpec):
    @secrets(sources=["db", "team/token"])
    @step
    def start(self):
        print(os.environ["user"], len(os.environ["team_token"]))
        self.next(self.end)

    @step
    def end(self):
        pass
"""
CONFIGURED = """\
[secrets.db]
file = "db.json"

[secrets."team/token"]
env = "LOCAL_TOKEN"
"""


def test_plain_secrets_come_from_where_they_are_configured(
    flowc: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    flowc.project.write(login=LOGIN)
    lacking = flowc("run", "login.py")
    assert lacking.code == 2
    assert re.findall(r"under (\[.*\])", lacking.err) == [
        "[tool.flowc.secrets.db]",
        '[tool.flowc.secrets."team/token"]',
    ]
    monkeypatch.setenv("LOCAL_TOKEN", "s3cret")
    flowc.project.put("flowc.toml", CONFIGURED).put("db.json", '{"user": "me"}')
    assert flowc.printed("run", "login.py") == ["me 6"]
    stored = [path for path in (flowc.project.folder / ".flowc").rglob("*") if path.is_file()]
    assert stored
    assert not any(b"s3cret" in path.read_bytes() for path in stored)


CONFIGURED_FLOW = """\
import os
from flowc import Config, FlowSpec, environment, step


class Sized(FlowSpec):
    sizes = Config("sizes", required=True)

    @step
    def start(self):
        self.next(self.end)

    @environment(vars={"SIZE": sizes.big})
    @step
    def end(self):
        print(os.environ["SIZE"], self.sizes.big)
        if not os.path.exists("mended"):
            raise ValueError("not yet")
"""


def test_a_run_keeps_its_configurations_when_it_is_resumed(flowc: Commands) -> None:
    flowc.project.write(sized=CONFIGURED_FLOW)
    assert "is required, and nothing gives its value" in flowc("run", "sized.py").err
    assert flowc.printed("run", "sized.py", "--config-value", "sizes", '{"big": "7"}')[0] == "7 7"
    (flowc.project.folder / "mended").touch()
    assert flowc.printed("resume", "sized.py") == ["7 7"]


def test_a_flow_in_a_package_imports_what_is_beside_it(flowc: Commands) -> None:
    flow = HELLO.replace("class ", "from ..sizes import BIG\nfrom . import small\n\n\nclass ", 1)
    flow = flow.replace("        pass", "        print(BIG, small.SMALL)")
    flowc.project.put("lib/pkg/sizes.py", "BIG = 9\n").put("lib/pkg/__init__.py", "")
    flowc.project.put("lib/pkg/flows/hello.py", flow).put("lib/pkg/flows/__init__.py", "")
    flowc.project.put("lib/pkg/flows/small.py", "SMALL = 1\n")
    assert flowc.printed("run", "lib/pkg/flows/hello.py") == ["9 1"]


def test_a_long_value_comes_through(flowc: Commands) -> None:
    flow = SUM.replace("range(self.count)", "range(1)")
    flowc.project.write(sum=flow.replace("{self.name}", "{len(self.name)} {self.name[-2:]!r}"))
    assert flowc.printed("run", "sum.py", "--name", "é\n" * 500_000) == ["total 0 of 1000000 'é\\n' []"]


def test_quiet_leaves_the_words_of_tasks_and_of_failures(flowc: Commands) -> None:
    assert flowc("run", "hello.py", "-q") == (0, "", "")
    assert flowc("run", "sum.py", "--quiet").err.startswith("Workflow failed.\n")


def test_git_does_not_see_the_store(flowc: Commands) -> None:
    flowc("run", "hello.py")
    assert (flowc.project.folder / ".flowc" / ".gitignore").read_text() == "*\n"
