"""Sources of `@secrets`: the variables they set, and what is said where they cannot."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.runtime.secrets import SecretFault, set_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SET = {"HOME": "/root", "DB": '{"user": "me", "pass-word": "s3cret", "port": 5432}', "TOKEN": "s3cret"}


def added(*sources: dict[str, Any]) -> dict[str, str]:
    """The variables that the sources set or change."""
    environment = dict(SET)
    set_secrets(list(sources), environment)
    return {name: value for name, value in environment.items() if SET.get(name) != value}


def source(kind: str, name: str = "team/my-secret", *, allow_override: bool = False, **options: object) -> dict[str, Any]:  # fmt: skip
    return {"type": kind, "id": name, "options": options, "allow_override": allow_override}


TAKEN = [
    (source("inline", env_vars={"A": "1", "B": ""}), {"A": "1", "B": ""}),
    (source("inline", env_vars={"HOME": "x"}, allow_override=True), {"HOME": "x"}),
    (source("env", "DB"), {"user": "me", "pass_word": "s3cret", "port": "5432"}),
    (source("env", variable="DB"), {"user": "me", "pass_word": "s3cret", "port": "5432"}),
    (source("env", "DB", json=False, env_var_name="ALL"), {"ALL": SET["DB"]}),
    (source("env", "TOKEN"), {}),
    (source("env", variable="TOKEN"), {"team_my_secret": "s3cret"}),
    (source("env", variable="TOKEN", env_var_name="9lives"), {"_9lives": "s3cret"}),
]


@pytest.mark.parametrize(("asked", "wanted"), TAKEN)
def test_variables(asked: dict[str, Any], wanted: dict[str, str]) -> None:
    assert added(asked) == wanted


FILES = [
    ('{"A": true, "B": null, "C": [1]}', {"A": "True", "B": "None", "C": "[1]"}),
    ("s3cret\n", {"team_my_secret": "s3cret"}),
    ("[1, 2]", {"team_my_secret": "[1, 2]"}),
    ("", {"team_my_secret": ""}),
]


@pytest.mark.parametrize(("text", "wanted"), FILES)
def test_files(tmp_path: Path, text: str, wanted: dict[str, str]) -> None:
    (tmp_path / "secret").write_text(text)
    assert added(source("file", path=str(tmp_path / "secret"))) == wanted


def test_a_file_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "my.token").write_text("s3cret")
    assert added(source("file", str(tmp_path / "my.token"))) == {"my_token": "s3cret"}


AWS = [
    ("team/db", {"user": "me", "pass_word": "s3cret"}),
    ("team/token", {"team_token": "s3cret"}),
    ("ARN of team/token", {"team_token": "s3cret"}),
    ("bytes", {"bytes": "AP8="}),
]


@pytest.fixture
def secrets_manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """AWS Secrets Manager with the secrets of AWS; the ARN of `team/token`."""
    moto = pytest.importorskip("moto")
    variables = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_DEFAULT_REGION": "eu-west-1"}
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with moto.mock_aws():
        import boto3

        client = boto3.client("secretsmanager")
        client.create_secret(Name="team/db", SecretString='{"user": "me", "pass-word": "s3cret"}')
        client.create_secret(Name="bytes", SecretBinary=b"\x00\xff")
        yield client.create_secret(Name="team/token", SecretString="s3cret")["ARN"]


@pytest.mark.parametrize("role", [None, "arn:aws:iam::123456789012:role/reader"])
@pytest.mark.parametrize(("name", "wanted"), AWS)
def test_aws(secrets_manager: str, name: str, wanted: dict[str, str], role: str | None) -> None:
    asked = source("aws-secrets-manager", name.replace("ARN of team/token", secrets_manager))
    assert added({**asked, "role": role}) == wanted


def test_a_secret_that_aws_lacks(secrets_manager: str) -> None:
    with pytest.raises(SecretFault, match="the secret `absent` cannot be fetched from AWS Secrets Manager: "):
        added(source("aws-secrets-manager", "absent", region=secrets_manager.split(":")[3]))


FAULTS = [
    ([source("env", "ABSENT")], "the secret `ABSENT` is in the variable ABSENT, which is not set"),
    (
        [source("inline", env_vars={"HOME": "s3cret"})],
        "the secret `team/my-secret` would replace the variable HOME, which is set; @secrets(allow_override=True) permits it",
    ),
    (
        [source("env", variable="TOKEN"), source("inline", "other", env_vars={"team_my_secret": "s3cret"})],
        "the secret `other` and the secret `team/my-secret` both set the variable team_my_secret",
    ),
    (
        [source("inline", env_vars={"FLOWC_RUN_ID": "s3cret"}, allow_override=True)],
        "the secret `team/my-secret` sets the variable FLOWC_RUN_ID: FLOWC_… are flowc's own",
    ),
    (
        [source("inline", env_vars={"A": "s3cret\0"})],
        "the secret `team/my-secret` has a null byte in the value for A, which no variable can hold",
    ),
    ([source("file", path="/nofile")], "the secret `team/my-secret` cannot be read from /nofile: No such file or directory"),
    ([source("vault")], "the secret `team/my-secret` is of the type `vault`, which cannot be fetched here"),
]  # fmt: skip


@pytest.mark.parametrize(("sources", "wanted"), FAULTS)
def test_faults_name_the_source_and_set_nothing(sources: list[dict[str, Any]], wanted: str) -> None:
    environment = dict(SET)
    with pytest.raises(SecretFault) as raised:
        set_secrets([source("inline", "first", env_vars={"FIRST": "x"}), *sources], environment)
    assert str(raised.value) == wanted
    assert "s3cret" not in repr(raised.value)
    assert environment == SET


def test_bytes_that_are_no_text_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"s3cret\xff")
    with pytest.raises(SecretFault, match="no UTF-8 text") as raised:
        added(source("file", path=str(tmp_path / "secret")))
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


_KEYS = st.text(max_size=8)


@given(st.dictionaries(_KEYS, st.text(), max_size=4))
def test_every_key_becomes_a_variable_or_is_refused(content: dict[str, str]) -> None:
    environment = {"S": json.dumps(content)}
    try:
        set_secrets([source("env", "S")], environment)
    except SecretFault:
        return
    made = {name: value for name, value in environment.items() if name != "S"}
    assert all(name.isascii() and name.isidentifier() for name in made)
    assert sorted(made.values()) == sorted(value for key, value in content.items() if key != "S")
