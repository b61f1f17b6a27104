"""`python flow.py …`: the words of Metaflow's command line as those of a `flowc` command."""

from __future__ import annotations

import os

import click
import pytest

from flowc.cli.script import main, translate

WORDS = [
    ("run", "run f.py --flow F"),
    ("run --alpha 1 --with retry", "run f.py --flow F --alpha 1 --with retry"),
    ("--no-pylint run", "run f.py --flow F"),
    ("--metadata=local --environment conda --event-logger x --monitor y run", "run f.py --flow F"),
    ("--quiet run", "run f.py --flow F --quiet"),
    ("--quiet --with retry dump r/start", "dump f.py r/start"),
    ("--with retry --with=batch:cpu=1 run", "run f.py --flow F --with retry --with batch:cpu=1"),
    ("--config a b --config-value c 1 run", "run f.py --flow F --config a b --config-value c 1"),
    ("--branch x --production run", "run f.py --flow F --branch x --production"),
    ("--datastore=local run", "run f.py --flow F"),
    ("--datastore s3://a/b resume fit", "resume f.py --flow F --datastore s3://a/b fit"),
    ("--datastore=s3 --datastore-root s3://a/b run", "run f.py --flow F --datastore s3://a/b"),
    ("--datastore-root /data run", "run f.py --flow F --datastore file:///data"),
    ("check --strict", "check f.py --flow F --strict"),
    ("show", "ir f.py --flow F"),
    ("show latest", "show f.py latest"),
    ("dump r/start", "dump f.py r/start"),
    ("tag add --run-id r1 a b", "tag f.py r1 --add a --add b"),
    ("tag remove a --run-id=r1 --namespace n", "tag f.py --remove a r1"),
    ("tag replace --run-id r1 --add a --remove b", "tag f.py r1 --add a --remove b"),
    ("tag list --run-id r1", "tag f.py r1"),
    ("tag latest --add a", "tag f.py latest --add a"),
    ("--help", "--help"),
    ("help", "--help"),
    ("--no-pylint --help", "--help"),
    ("version", "--version"),
]


@pytest.mark.parametrize(("words", "wanted"), WORDS)
def test_words(words: str, wanted: str) -> None:
    translated = translate("f.py", "F", words.split(" "))
    assert translated is not None
    assert " ".join(translated) == wanted


FAULTS = [
    ("rnu", "there is no command `rnu`; did you mean `python f.py run`?"),
    ("argo-workflows create", "`argo-workflows` is Metaflow's; flowc has `flowc compile f.py --target argo`"),
    ("explain FC1", "`explain` is of no flow: `flowc explain --help`"),
    ("--no-pylin run", "there is no option `--no-pylin` before the command; did you mean `--no-pylint`?"),
    (
        "--alpha 1 run",
        "there is no option `--alpha` before the command; options of a command stand behind it",
    ),
    ("--with", "`--with` needs a value"),
    ("--config a", "`--config` needs a value"),
    ("tag add --run-id", "`--run-id` needs a value"),
    ("--datastore gs run", "`--datastore gs` names no place: write `--datastore s3://bucket/prefix`"),
]


@pytest.mark.parametrize(("words", "wanted"), FAULTS)
def test_faults(words: str, wanted: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(click.UsageError) as raised:
        translate("f.py", "F", words.split(" "))
    assert raised.value.message == wanted
    assert main([os.path.abspath("f.py"), "F", *words.split(" ")]) == 2
    assert capsys.readouterr().err == f"flowc: {wanted}\ntry `python f.py --help`\n"


def test_no_command_tells_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([os.path.abspath("f.py"), "F"]) == 0
    assert "python f.py run " in capsys.readouterr().out
