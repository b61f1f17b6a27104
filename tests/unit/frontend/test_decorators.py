"""Decorators of a step: what they say, what is wrong with them, and how a fix mends it."""

from __future__ import annotations

import pytest

from flowc.ir.resources import Resources
from tests.declaring import decorated, mended, read_flow

RESOURCES = [
    ("@resources", {"cpu_millis": 1000, "memory_mb": 4096}),
    ("@resources(cpu=8, memory=60000)", {"cpu_millis": 8000, "memory_mb": 60_000}),
    ('@resources(cpu="0.5", memory="512", gpu="2", disk=100, shared_memory=64)',
     {"cpu_millis": 500, "memory_mb": 512, "gpu": 2, "disk_mb": 100, "shared_memory_mb": 64}),
    ("@resources(memory=512.5)", {"memory_mb": 513}),
    ("@resources(memory=8000)\n@kubernetes(memory=6000, cpu=2)", {"memory_mb": 8000, "cpu_millis": 2000}),
    ("@kubernetes(cpu=0.5)", {"cpu_millis": 500, "memory_mb": 4096}),
    ("@resources(memory=1000)\n@kubernetes", {"memory_mb": 4096}),
    ("@resources(memory=1000)\n@batch", {"memory_mb": 1000}),
    ("@batch(memory=1000)\n@resources(cpu=4)", {"memory_mb": 4096, "cpu_millis": 4000}),
    ("@batch(memory=1000)", {"memory_mb": 1000, "cpu_millis": 1000}),
    ("@resources(disk=100)\n@kubernetes", {"disk_mb": 10_240}),
    ("@kubernetes(memory=9000, use_tmpfs=True)", {"memory_mb": 9000, "tmpfs_mb": 4500}),
    ("@batch(tmpfs_size=100)", {"tmpfs_mb": 100}),
    ("@resources(**SIZES)", {"memory_mb": 123}),
]  # fmt: skip


@pytest.mark.parametrize(("decorators", "wanted"), RESOURCES)
def test_resources(decorators: str, wanted: dict[str, int]) -> None:
    found = read_flow(decorated(decorators, head='SIZES = {"memory": 123}'))
    assert not found.faults
    assert found.steps["start"].resources == Resources(**{"cpu_millis": 1000, "memory_mb": 4096, **wanted})


def test_attempts() -> None:
    text = decorated(
        "@retry(times=2, minutes_between_retries=0.5)", "@timeout(minutes=2, seconds='5')", "@catch(var='e')"
    )
    spec = read_flow(text).steps["start"]
    assert spec.retry is not None
    assert spec.timeout_seconds is not None
    assert spec.catch is not None
    assert (spec.retry.times, spec.retry.delay_seconds) == (2, 30)
    assert (spec.timeout_seconds.value, spec.catch.var, spec.catch.print_exception) == (125, "e", True)
    plain = read_flow(decorated("@retry")).steps["start"].retry
    assert plain is not None
    assert (plain.times, plain.delay_seconds) == (3, 120)


def test_environment_and_platform() -> None:
    text = decorated(
        "@environment(vars={'A': 1, NAME: f'{LIMIT}%', 'T': True})",
        "@kubernetes(node_selector='a=b, c/d=e', secrets='one', qos='guaranteed', labels={'x': 'y'})",
        head="LIMIT = 10\nNAME = 'B'",
    )
    found = read_flow(text)
    assert not found.faults
    spec = found.steps["start"]
    assert {name: located.value for name, located in spec.environment.items()} == {
        "A": "1",
        "B": "10%",
        "T": "True",
    }
    assert spec.environment["B"].span.text == "f'{LIMIT}%'"
    assert spec.kubernetes is not None
    assert {name: located.value for name, located in spec.kubernetes.attributes.items()} == {
        "node_selector": {"a": "b", "c/d": "e"}, "secrets": ["one"], "qos": "Guaranteed", "labels": {"x": "y"},
    }  # fmt: skip


def test_secrets() -> None:
    text = decorated(
        "@secrets(sources=['db', 'inline.x', {'type': 'aws-secrets-manager', 'id': 'k', 'role': 'r'}], role='all')"
    )
    found = read_flow(text)
    assert not found.faults
    assert [(s.name, s.type, s.role) for s in found.steps["start"].secrets] == [
        ("db", None, "all"), ("x", "inline", "all"), ("k", "aws-secrets-manager", "r"),
    ]  # fmt: skip


def test_the_rest() -> None:
    text = decorated(
        "@card", "@card(type='x', options={'a': open('x')})", "@fanout(max_workers=2)", "@parallel",
        "@pypi(packages={'pandas': '2', 'x': 1.5})", "@conda(libraries={'y': None}, python='3.11', disabled=True)",
    )  # fmt: skip
    found = read_flow(text)
    assert not found.faults
    spec = found.steps["start"]
    assert spec.card
    assert spec.parallel
    assert spec.fanout is not None
    assert (spec.fanout.max_workers, spec.fanout.max_num_splits) == (2, None)
    assert [(p.manager, p.packages, p.python, p.disabled) for p in spec.packages] == [
        ("pypi", {"pandas": "2", "x": "1.5"}, None, False), ("conda", {"y": ""}, "3.11", True),
    ]  # fmt: skip


FAULTS = [
    ("@resources(memroy=1)", "4:16 FC105 `@resources` has no attribute `memroy`"),
    ("@resources(memory=[1])", "4:23 FC106 `memory` of `@resources` must be a number of megabytes, not `[1]`"),
    ("@resources(memory='4Gi')", '4:23 FC106 `memory` of `@resources` is a number of megabytes, without a unit, not `"4Gi"`'),
    ("@resources(memory=True)", "4:23 FC106 `memory` of `@resources` must be a number of megabytes, not `True`"),
    ("@resources(cpu=0)", "4:20 FC107 `cpu` of `@resources` is 0, and must be greater than 0"),
    ("@resources(gpu=-1)", "4:20 FC107 `gpu` of `@resources` is -1, and must be 0 or more"),
    ("@resources(gpu=1.5)", "4:20 FC106 `gpu` of `@resources` is 1.5, and 1 is what counts of it"),
    ("@resources(cpu='nan')", '4:20 FC106 `cpu` of `@resources` must be a number, not `"nan"`'),
    ("@resources(cpu=os.cpu_count())", "4:20 FC108 `cpu` of `@resources` is not known before the flow runs: what `os.cpu_count(…)` gives is known only when the flow runs"),
    ("@resources(cpu=os.environ['N'])", "4:20 FC108 `cpu` of `@resources` is not known before the flow runs: it is the environment variable `N`, which differs from machine to machine"),
    ("@resources(**os.environ)", "4:18 FC108 `**` of `@resources` is not known before the flow runs: it depends on the environment"),
    ("@resources(cpu=1, cpu=2)", "4:23 FC001 invalid Python: keyword argument repeated: `cpu`"),
    ("@resources(memory=1 << 100)", "4:23 FC107 `memory` of `@resources` is 12676506002282294014…, and must be at most 1,000,000,000"),
    ("@timeout(hours=10**6)", "4:20 FC107 `hours` of `@timeout` is 1000000, and must be at most 100,000"),
    ("@retry(minutes_between_retries=-1)", "4:36 FC107 `minutes_between_retries` of `@retry` is -1, and must be 0 or more"),
    ("@retry(times=5)", "4:18 FC107 `times` of `@retry` is 5, and must be from 0 to 4"),
    ("@retry(3)", "4:12 FC116 argument 1 of `@retry` is given without its name"),
    ("@retry\n@retry", "5:6 FC109 `@retry` stands twice on the step `start`"),
    ("@timeout()", "4:6 FC115 `@timeout` needs a duration: `seconds`, `minutes` or `hours`, which are added up"),
    ("@timeout(seconds=0)", "4:6 FC115 `@timeout` needs a duration: `seconds`, `minutes` or `hours`, which are added up"),
    ("@catch(var='a b')", '4:16 FC107 `var` of `@catch` is `"a b"`, which cannot be the name of an artifact'),
    ("@catch(print_exception='no')", '4:28 FC106 `print_exception` of `@catch` is `"no"`, which counts as `True`'),
    ("@environment(vars={'A=B': 'x'})", '4:24 FC131 `"A=B"` cannot be the name of a variable'),
    ("@environment(vars={'A': os.environ['HOME']})", "4:29 FC108 `vars` of `@environment` is not known before the flow runs: it is the environment variable `HOME`, which differs from machine to machine"),
    ("@kubernetes\n@batch", "5:6 FC132 the step `start` has both `@kubernetes` and `@batch`, and can run on one of them"),
    ("@batch(inferentia=1, trainium=1)", "4:35 FC132 `trainium` of `@batch` is another name of `inferentia`, and both are given"),
    ("@kubernetes(qos='Best')", '4:21 FC107 `qos` of `@kubernetes` is `"Best"`, and must be one of `"Guaranteed"`, `"Burstable"`'),
    ("@kubernetes(tolerations={'key': 'x'})", "4:29 FC106 `tolerations` of `@kubernetes` must be a list, not `{'key': 'x'}`"),
    ("@secrets(sources=[{'type': 'x', 'id': 'y'}])", '4:23 FC126 `"x"` is no type of secret'),
    ("@secrets(sources=['', 3])", ["4:23 FC126 a source of `@secrets` is empty", "4:27 FC126 a source of `@secrets` is a name or a dict, not `3`"]),
    ("@nowhere(x=1)", "4:6 FC104 `nowhere` is used as a decorator but never imported or defined"),
    ("@mine\n@mine", "4:6 FC103 flowc does not know the decorator `@mine`; it is kept and acts only when the step runs"),
    ("@pypi(packages=PACKAGES)", "4:20 FC108 `packages` of `@pypi` is not known before the flow runs: `PACKAGES` is assigned nowhere at the top level of `flow.py`"),
    ("@card(type=unknown)", []),
]  # fmt: skip


@pytest.mark.parametrize(("decorators", "faults"), FAULTS)
def test_faults(decorators: str, faults: str | list[str]) -> None:
    found = read_flow(decorated(decorators, head="import os, os as mine"))
    assert found.faults == ([faults] if isinstance(faults, str) else faults)


FIXES = [
    ("@resources(memroy=1)", "@resources(memory=1)"),
    ("@resources(memory='4Gi')", "@resources(memory=4096)"),
    ("@resources(memory='0.5 GB')", "@resources(memory=500)"),
    ("@timout(minutes=1)", "@timeout(minutes=1)"),
]


@pytest.mark.parametrize(("before", "after"), FIXES)
def test_safe_fixes(before: str, after: str) -> None:
    text = decorated(before).replace("import *", "import FlowSpec, resources, step, timeout")
    wanted = decorated(after).replace("import *", "import FlowSpec, resources, step, timeout")
    assert mended(text, read_flow(text).diagnostics) == wanted


NOT_IMPORTED = """\
from metaflow import FlowSpec, step
@shedule(weekly=True)
@schedule(weekley=True)
class F(FlowSpec):
    @resources(memroy=1)
    @nowhere(memroy=1)
    @step
    def start(self): self.next(self.end)
    @resources(memory=2, cpu=0)
    @step
    def end(self): pass
"""


def test_a_decorator_that_is_not_imported_is_judged_as_the_api_s() -> None:
    found = read_flow(NOT_IMPORTED)
    assert [(d.primary.span.line, d.rule.code) for d in found.diagnostics] == [
        (2, "FC104"), (3, "FC104"), (3, "FC105"), (5, "FC104"), (5, "FC105"), (6, "FC104"), (9, "FC107"),
    ]  # fmt: skip
    assert found.steps["end"].resources.memory_mb == 2


def test_mutators_are_said_apart() -> None:
    head = "class grow(FlowMutator): pass\nclass shrink(StepMutator): pass\n@grow"
    found = read_flow(decorated("@shrink", head=head))
    assert [fault.split()[1] for fault in found.faults] == ["FC124", "FC124"]
    assert [kept.name for kept in (*found.flow.kept, *found.steps["start"].kept)] == ["grow", "shrink"]


def test_a_name_for_a_decorator_is_that_decorator() -> None:
    head = "import shared\nlarge = resources(memory=64000)\nagain = retry"
    found = read_flow(decorated("@large", "@shared.slow", head=head), {"shared.py": SHARED})
    assert not found.faults
    spec = found.steps["start"]
    assert spec.resources.memory_mb == 64_000
    assert spec.timeout_seconds is not None
    assert spec.timeout_seconds.value == 7200


SHARED = "from flowc import timeout\nHOURS = 2\nslow = timeout(hours=HOURS)\n"


def test_what_only_a_machine_knows_is_given_from_outside() -> None:
    found = read_flow(decorated("@environment(vars={'A': os.environ['HOME']})", head="import os"))
    (diagnostic,) = found.diagnostics
    assert diagnostic.helps == (
        'write the value out, or configure it: `[tool.flowc.variables]` with `HOME = "…"`',
        "or leave `@environment` out and give it to every step by `--with environment:ATTRIBUTE=VALUE`",
        "a secret is better given by name: `@secrets(sources=['NAME'])`",
        "tasks on this machine have its variables even without `@environment`",
    )
