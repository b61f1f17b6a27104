"""Parameters, included files and configurations."""

from __future__ import annotations

import pytest

from flowc.ir.values import ConfigRef, Const, Unknown
from flowc.target.settings import Settings
from tests.declaring import decorated, read_flow

HEAD = "import click, functools, os, tomllib\nRATE = 0.5\ndef today(context): return 1\n"

PARAMETERS = """
    Parameter("p") => str None
    Parameter("p", default="a") => str 'a'
    Parameter("p", default=1) => int 1
    Parameter("p", default=RATE * 2) => float 1.0
    Parameter("p", default=True) => bool True
    Parameter("p", "a") => str 'a'
    Parameter("p", type=int, default="3") => int 3
    Parameter("p", type=float, default=3) => float 3.0
    Parameter("p", type=bool, default="no") => bool False
    Parameter("p", type=str, default=5) => str '5'
    Parameter("p", type=JSONType, default='{"a": [1]}') => json {'a': [1]}
    Parameter("p", type=JSONType, default='"a"') => json '"a"'
    Parameter("p", default={"a": (1,)}) => json {'a': [1]}
    Parameter("p", type=click.Choice(["a", "b"]), default="b") => str 'b'
    Parameter("p", default="a,b", separator=",") => list 'a,b'
    Parameter("p", default=today) => str called
    Parameter("p", type=int, default=lambda context: 3) => int called
    Parameter("p", default=functools.partial(today, 3)) => str called
    Parameter(name="p", default=None, required=True, help="h" + "elp") => str None required help
    Parameter("p", default=1, required=True) => int 1
    Parameter(**{"name": "p", "default": 2}) => int 2
    Parameter("p", default=cfg.rate) => float 0.25
    Parameter("p", default=config_expr("cfg.sizes[1] + 1")) => int 3
"""


def flow(call: str, extra: str = "") -> str:
    return decorated(head=HEAD, flow=f"cfg = Config('cfg', default='c.json')\np = {call}\n{extra}".rstrip())


FILES = {"c.json": '{"rate": 0.25, "sizes": [1, 2], "deep": {"key": "v"}}', "data/x.csv": "1\n"}


@pytest.mark.parametrize("call", ['Parameter("p", default=p)', 'Parameter(\n    "p",\n    default=p,\n)'])
@pytest.mark.parametrize(
    ("head", "kind", "default"), [("def p(context): return 1", "str", None), ("p = 5", "int", 5)]
)
def test_a_default_called_like_its_attribute_is_the_module_s(
    head: str, kind: str, default: int | None, call: str
) -> None:
    found = read_flow(decorated(head=head, flow=f"p = {call}"))
    assert not found.faults
    parameter = found.parameters["p"]
    assert (parameter.type.value, parameter.callable_default) == (kind, default is None)
    assert isinstance(parameter.default, Unknown if default is None else Const)


@pytest.mark.parametrize("line", PARAMETERS.strip().splitlines())
def test_parameters(line: str) -> None:
    call, _, expected = line.strip().partition(" => ")
    found = read_flow(flow(call), FILES)
    assert not found.faults
    parameter = found.parameters["p"]
    default = parameter.default
    words = [parameter.type.value, "called" if parameter.callable_default else ""]
    if not parameter.callable_default:
        words[1] = repr(default.value) if isinstance(default, Const) else "None"
    words += ["required"] * parameter.required + ([parameter.help] if parameter.help else [])
    assert " ".join(words) == expected


FAULTS = [
    ("Parameter()", "7:9 FC118 this `Parameter` has no name"),
    ('Parameter("a b")', '7:19 FC118 `"a b"` cannot be the name of an option, as which a run is given it'),
    ('Parameter("run_id")', "7:19 FC118 `run_id` is an option of the `run` command, so that no parameter can have this name"),
    ('Parameter("flowc-image")', "7:19 FC118 `flowc-image` is an option of flowc, so that no parameter can have this name"),
    ("Parameter(os.name)", "7:19 FC108 `name` of `Parameter` is not known before the flow runs: `os.name` comes from outside the project, and only the running flow knows it"),
    ('Parameter("p", defalt=1)', "7:24 FC105 `Parameter` has no argument `defalt`"),
    ('Parameter("p", type=date)', "7:29 FC119 the type of the parameter `p` is `date`, which is none of `str`, `int`, `float`, `bool` and `JSONType`"),
    ('Parameter("p", type=int, default="x")', '7:42 FC120 the default of the parameter `p` is `"x"`, which is no whole number'),
    ('Parameter("p", type=JSONType, default="{")', '7:47 FC120 the default of the parameter `p` is `"{"`, which is no JSON'),
    ('Parameter("p", default=1, separator=",")', "7:45 FC119 the parameter `p` has a `separator`, and its type is `int`: only text can be split"),
    ('Parameter("p", default=LIMTI)', "7:32 FC108 `default` of the parameter `p` is not known before the flow runs: `LIMTI` is assigned nowhere at the top level of `flow.py`"),
    ('IncludeFile("p", default="none.csv")', "7:34 FC121 the default of the file `p` is `none.csv`, which is neither beside the flow file nor at the project root"),
    ('IncludeFile("p", default="/etc/hosts")', "7:34 FC121 the default of the file `p` is `/etc/hosts`, which is outside the project"),
    ('Config("p", default="none.json")', "7:29 FC122 the default of the configuration `p` is the file `none.json`, which is not in the project"),
    ('Config("p", required=True)', "7:9 FC122 the configuration `p` is required, and nothing gives its value"),
    ('Config("p", default_value="[1]")', "7:35 FC122 `default_value` of the configuration `p` holds `[1]`, where a mapping is needed"),
    ('Config("p", default_value="{", plain=False)', "7:35 FC122 `default_value` of the configuration `p` is no JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
    ('Config("cfg")', "7:16 FC117 two parameters are named `cfg`"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "fault"), FAULTS)
def test_faults(call: str, fault: str) -> None:
    assert read_flow(flow(call), FILES).faults == [fault]


COMPUTED = [
    ('os.environ["X"]', "str", "it is the environment variable `X`, which differs from machine to machine"),
    ('int(os.environ["X"])', "int", "it depends on the environment variable `X`"),
    ("os.getcwd()", "str", "what `os.getcwd(…)` gives is known only when the flow runs"),
    ("[n for n in os.listdir()]", "str", "only code makes the list"),
]


@pytest.mark.parametrize(("default", "kind", "why"), COMPUTED)
def test_a_default_that_only_code_can_give_is_computed_in_the_first_step(
    default: str, kind: str, why: str
) -> None:
    found = read_flow(flow(f'Parameter("p", default={default})'), FILES)
    assert found.faults == [
        f"7:32 FC108 the default of the parameter `p` is computed anew when a run starts: {why}"
    ]
    parameter = found.parameters["p"]
    assert (parameter.type.value, parameter.callable_default) == (kind, True)


@pytest.mark.parametrize(
    "default",
    ['"data/x.csv"', "os.path.join(os.path.dirname(__file__), 'data', 'x.csv')", "'./data/../data/x.csv'"],
)
def test_included_files(default: str) -> None:
    found = read_flow(flow(f'IncludeFile("p", default={default}, is_text=False)'), FILES)
    assert not found.faults
    assert found.parameters["p"].default == Const("data/x.csv")
    assert found.project.closure() == ("data/x.csv", "flow.py")


CONFIGS = [
    ('Config("p", default_value={"a": 1})', {"a": 1}),
    ('Config("p", default_value=\'{"a": {"b": [1]}}\')', {"a": {"b": [1]}}),
    ('Config("p", default_value="a = 1\\n", parser=tomllib.loads)', {"a": 1}),
    ('Config("p", default_value="a: [1, x]", parser=yaml_parser)', {"a": [1, "x"]}),
    ('Config("p", default_value="a: 2026-01-01", parser="metaflow.yaml_parser")', {"a": "2026-01-01"}),
    ('Config("p", default_value="text", plain=True)', "text"),
    ('Config("p")', None),
    ('Config("p", default="c.json")', {"rate": 0.25, "sizes": [1, 2], "deep": {"key": "v"}}),
]


@pytest.mark.parametrize(("call", "value"), CONFIGS)
def test_configs(call: str, value: object) -> None:
    found = read_flow(flow(call), FILES)
    assert not found.faults
    assert found.configs["p"].value == Const(value)  # type: ignore[arg-type]


PARSERS = """
def words(text):
    names = text.split()
    return {"first": names[0], "count": len(names)}
def slow(text):
    while True: pass
"""


@pytest.mark.parametrize(
    ("parser", "value"),
    [
        ('"own.parsers.words"', Const({"first": "a", "count": 3})),
        ("parsers.words", Const({"first": "a", "count": 3})),
        ("lambda text: {'text': text.upper()}", Const({"text": "A B C"})),
        ("lambda text: text", ConfigRef("p", ())),
        ("lambda text: {'set': {1}}", ConfigRef("p", ())),
        ('"own.parsers.slow"', ConfigRef("p", ())),
        ('"own.parsers.none"', ConfigRef("p", ())),
        ('"elsewhere.words"', ConfigRef("p", ())),
    ],
)
def test_a_parser_that_only_computes_is_followed(parser: str, value: object) -> None:
    text = flow(f'Config("p", default_value="a b c", parser={parser})')
    files = {**FILES, "own/__init__.py": "", "own/parsers.py": PARSERS}
    found = read_flow("from own import parsers\n" + text, files)
    assert not found.faults
    assert found.configs["p"].value == value


def test_the_module_of_a_parser_is_part_of_the_code() -> None:
    text = flow('Config("p", default_value="a", parser="own.parsers.slow")')
    found = read_flow(text, {**FILES, "own/__init__.py": "", "own/parsers.py": PARSERS})
    assert found.project.closure() == ("flow.py", "own/__init__.py", "own/parsers.py")


def test_what_the_command_gives_comes_first() -> None:
    text = flow('Config("p", default="none.json")')
    given = read_flow(text, FILES, Settings(config_values={"p": '{"a": 1}'}))
    assert not given.faults
    assert given.configs["p"].value == Const({"a": 1})
    file = read_flow(text, FILES, Settings(configs={"p": "c.json"}))
    assert file.configs["p"].path == "c.json"


def test_parsers_of_the_flow_are_not_called() -> None:
    text = flow('Config("p", default_value="x", parser=today)', "q = Parameter('q', default=p.a)")
    found = read_flow(text, FILES)
    assert found.configs["p"].value == ConfigRef("p", ())
    assert found.faults == [
        "8:32 FC108 `default` of the parameter `q` is not known before the flow runs: the configuration `p` has no value"
    ]


def test_configs_in_decorators() -> None:
    text = decorated(
        "@resources(memory=cfg.memory, **cfg.more)", "@environment(vars={'K': config_expr('cfg.deep.key.upper()')})",
        flow="cfg = Config('cfg', default='c.json')",
    ).replace("class F", "@project(name=config_expr('cfg').name)\nclass F")  # fmt: skip
    files = {"c.json": '{"memory": 9000, "more": {"cpu": 2}, "deep": {"key": "v"}, "name": "p"}'}
    found = read_flow(text, files)
    assert not found.faults
    spec = found.steps["start"]
    assert (spec.resources.memory_mb, spec.resources.cpu_millis) == (9000, 2000)
    assert spec.environment["K"].value == "V"
    assert found.flow.project is not None
    assert found.flow.project.name == "p"


def test_missing_key_of_a_config_says_what_is_there() -> None:
    text = decorated("@resources(memory=cfg.mem)", flow="cfg = Config('cfg', default_value={'memory': 1})")
    [fault] = read_flow(text).faults
    assert fault.startswith("4:23 FC108 `memory` of `@resources`")
    assert fault.endswith("the configuration has no `mem`; it has `memory`")


def test_class_attributes() -> None:
    found = read_flow(decorated(flow="a = 1\nb: list = [a, 2]\nd = missing()"))
    assert found.constants["b"] == Const([1, 2])
    assert isinstance(found.constants["d"], Unknown)
