"""The configuration in layers, and what is said of a file that is wrong."""

from __future__ import annotations

import click
import pytest

from flowc.cli.configuration.entries import BadValueError, entries, from_text, from_toml
from flowc.cli.configuration.load import Asked, Configuration, load_configuration
from flowc.source import Sources


def load(
    toml: str = "",
    *,
    name: str = "pyproject.toml",
    env: dict[str, str] | None = None,
    profile: str | None = None,
    **flags: object,
) -> Configuration:
    sources = Sources(None, {name: toml} if toml else {})
    return load_configuration("/project", Asked(profile, flags), env or {}, sources)


def found(toml: str, name: str = "pyproject.toml") -> list[str]:
    """`FC501 [what is marked] message` for each fault."""
    made = load(toml, name=name)
    return [f"{d.rule.code} [{d.primary.span.text}] {d.message}" for d in made.diagnostics]


def test_later_layers_win() -> None:
    toml = """
        [tool.flowc]
        image = "a"
        max_workers = 1
        max_num_splits = 1
        datastore = "s3://file"
        [tool.flowc.env.prod]
        max_workers = 2
        max_num_splits = 2
        datastore = "s3://prod"
    """
    made = load(
        toml,
        profile="prod",
        env={"FLOWC_MAX_NUM_SPLITS": "3", "FLOWC_DATASTORE": "s3://env", "FLOWC_STEP": "x"},
        datastore="s3://flag",
    )
    settings = made.settings
    assert made.diagnostics == ()
    assert (settings.image, settings.max_workers, settings.max_num_splits, settings.datastore) == (
        "a", 2, 3, "s3://flag",
    )  # fmt: skip


def test_a_profile_may_come_from_the_environment() -> None:
    assert load("[tool.flowc.env.prod]\nimage = 'p'", env={"FLOWC_ENV": "prod"}).settings.image == "p"


def test_tables_of_the_targets() -> None:
    made = load(
        """
        [tool.flowc]
        targets = ["stepfunctions", "argo"]
        include = ["data/*.csv"]
        max_peak_memory = "2TiB"
        max_peak_cpu = 1.5
        [tool.flowc.argo]
        namespace = "flows"
        node_selector = {disk = "ssd"}
        tolerations = [{key = "gpu", operator = "Exists"}]
        [tool.flowc.stepfunctions]
        platform = "FARGATE"
        [tool.flowc.secrets.db]
        env = "DB"
        """,
        env={"FLOWC_ARGO_NAMESPACE": "other", "FLOWC_ARGO_IMAGE_PULL_SECRETS": "one, two"},
    )
    settings = made.settings
    assert made.diagnostics == ()
    assert made.targets == ("stepfunctions", "argo")
    assert made.secrets == {"db": {"env": "DB"}}
    assert settings.include == ("data/*.csv",)
    assert settings.max_peak_memory_mb == 2_199_024
    assert settings.max_peak_cpu_millis == 1500
    assert settings.argo.namespace == "other"
    assert settings.argo.node_selector == {"disk": "ssd"}
    assert settings.argo.tolerations == ({"key": "gpu", "operator": "Exists"},)
    assert settings.argo.image_pull_secrets == ("one", "two")
    assert settings.stepfunctions.platform == "FARGATE"


def test_flowc_toml_holds_the_keys_at_its_top() -> None:
    assert load("image = 'x'\n[argo]\nnamespace = 'n'", name="flowc.toml").settings.argo.namespace == "n"
    assert load("[tool.flowc]\nimage = 'x'", name="flowc.toml").settings.image == "x"


def test_flowc_toml_counts_alone() -> None:
    sources = Sources(None, {"flowc.toml": "name = 'f'", "pyproject.toml": "[tool.flowc]\nimage = 'p'"})
    settings = load_configuration("/project", Asked(None, {}), {}, sources).settings
    assert (settings.name, settings.image) == ("f", None)


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("[tool.flowc]\nimagee = 'x'", ["FC501 [imagee] [tool.flowc] has no setting `imagee`"]),
        ("[tool.flowc]\nmax-workers = 3", ["FC501 [max-workers] [tool.flowc] has no setting `max-workers`"]),
        ("[tool.flowc]\nnamespace = 'x'", ["FC501 [namespace] [tool.flowc] has no setting `namespace`"]),
        ("[tool.flowc.argo]\nimage = 'x'", ["FC501 [image] [tool.flowc.argo] has no setting `image`"]),
        ("[tool.flowc.env.p]\nimagee = 1", ["FC501 [imagee] [tool.flowc] has no setting `imagee`"]),
        ("[tool.flowc]\nargo = {namespac = 'x'}", [
            "FC501 [argo] [tool.flowc.argo] has no setting `namespac`",
        ]),
        ("[tool.flowc]\nmax_workers = 0", [
            "FC502 [0] `max_workers` takes a whole number of at least 1, not 0",
        ]),
        ("[tool.flowc]\nmax_workers = '3'", [
            'FC502 [\'3\'] `max_workers` takes a whole number, not the string "3"',
        ]),
        ("[tool.flowc]\ncode = 'zip'", ["FC502 ['zip'] `code` takes one of `embed`, `image`, not `zip`"]),
        ("[tool.flowc]\ndatastore = '/tmp/x'", [
            "FC502 ['/tmp/x'] `datastore` takes s3://bucket/prefix or file:///folder, not `/tmp/x`",
        ]),
        ("[tool.flowc]\ntargets = ['airflow']", [
            "FC502 [['airflow']] `targets` takes one of `argo`, `stepfunctions`, not `airflow`",
        ]),
        ("[tool.flowc]\nmax_peak_memory = 'lots'", [
            "FC502 ['lots'] `max_peak_memory` takes a number of MB or a size like \"64GiB\", not 'lots'",
        ]),
        ("[tool.flowc]\nargo = 3", ["FC502 [3] `argo` takes a table of settings"]),
        ("[tool]\nflowc = 3", ["FC502 [flowc] `tool.flowc` takes a table of settings"]),
        ("[tool.flowc]\nproduction = 1", ["FC502 [1] `production` takes true or false, not the number 1"]),
        ("[tool.flowc]\nrequired-version = '>=99'", [
            "FC506 ['>=99'] the project asks for flowc >=99, and this is flowc 0.1.0",
        ]),
        ("[tool.flowc]\nrequired-version = 'new'", [
            "FC502 ['new'] `required-version` cannot be read: `new` is no clause like `>=0.2`",
        ]),
        ("[tool.flowc]\n\nimage = =", ["FC512 [=] `pyproject.toml` is not valid TOML: invalid value"]),
        ("[tool.flowc]\nimage = 'x'\nimage = 'y'", [
            "FC512 [i] `pyproject.toml` is not valid TOML: cannot overwrite a value",
        ]),
        ("[tool.flowc.secrets.a]\nfil = 'x'", ["FC501 [fil] a secret has no setting `fil`"]),
        ("[tool.flowc.secrets.a]", ["FC502 [tool.flowc.secrets.a] the secret `a` takes either `file` or `env`"]),
        ("[tool.other]\nimagee = 'x'", []),
        ("[tool.other]\nbroken = = 'x'", []),
    ],
)  # fmt: skip
def test_a_wrong_file(toml: str, expected: list[str]) -> None:
    assert found(toml) == expected


def test_what_is_right_counts_beside_what_is_wrong() -> None:
    assert load("[tool.flowc]\nimage = 'x'\nmax_workers = 'many'").settings.image == "x"


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ("prdo", "there is no profile `prdo`: [tool.flowc.env] has `prod`; did you mean `prod`?"),
        ("x", "there is no profile `x`: [tool.flowc.env] has `prod`"),
    ],
)
def test_an_unknown_profile_is_a_usage_error(profile: str, message: str) -> None:
    with pytest.raises(click.UsageError, match=message.replace("[", r"\[").replace("?", r"\?")):
        load("[tool.flowc.env.prod]\nimage = 'x'", profile=profile)


def test_a_wrong_variable_is_a_usage_error() -> None:
    message = "the variable FLOWC_MAX_WORKERS takes a whole number, not `many`"
    with pytest.raises(click.UsageError, match=message):
        load(env={"FLOWC_MAX_WORKERS": "many"})


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("image", "a:1", "a:1"),
        ("production", "yes", True),
        ("production", "0", False),
        ("max_workers", "8", 8),
        ("max_peak_cpu", "0.5", 500),
        ("max_peak_memory", "1GiB", 1074),
        ("max_peak_memory", "60000", 60000),
        ("max_peak_memory", "1.5 TB", 1_500_000),
        ("include", "a, b", ("a", "b")),
        ("argo.labels", "team=ml, tier=1", {"team": "ml", "tier": "1"}),
    ],
)
def test_text_of_a_flag(key: str, text: str, value: object) -> None:
    assert from_text(entries()[key], text) == value


@pytest.mark.parametrize(
    ("key", "raw"),
    [
        ("max_workers", True),
        ("max_workers", 1.5),
        ("image", 3),
        ("include", "a"),
        ("include", [1]),
        ("argo.labels", {"a": 1}),
        ("argo.tolerations", [1]),
        ("max_peak_cpu", -1),
        ("max_peak_memory", -1),
    ],
)
def test_a_value_of_another_kind_is_refused(key: str, raw: object) -> None:
    with pytest.raises(BadValueError):
        from_toml(entries()[key], raw)


@pytest.mark.parametrize(
    ("configured", "asked", "wanted"),
    [
        ('["retry"]', (), ("retry",)),
        (
            '["retry:times=1", "timeout:seconds=9"]',
            ("retry:times=2",),
            ("retry:times=2", "timeout:seconds=9"),
        ),
        ("[]", ("catch",), ("catch",)),
    ],
)
def test_decorators_of_the_command_line_come_before_those_configured(
    configured: str, asked: tuple[str, ...], wanted: tuple[str, ...]
) -> None:
    sources = Sources(None, {"flowc.toml": f"with = {configured}"})
    made = load_configuration("/project", Asked(None, {"with": asked} if asked else {}), {}, sources)
    assert made.settings.decorators == wanted


def test_decorators_in_a_variable_are_separated_by_blanks() -> None:
    made = load(env={"FLOWC_WITH": "retry:times=1,minutes_between_retries=0 timeout:seconds=5"})
    assert made.settings.decorators == ("retry:times=1,minutes_between_retries=0", "timeout:seconds=5")
