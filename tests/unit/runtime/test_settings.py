"""The environment of a task, as manifests write it."""

from __future__ import annotations

import pytest

from flowc.runtime.settings import SettingsError, read_settings

GIVEN = {
    "FLOWC_DATASTORE": "file:///data",
    "FLOWC_FLOW": "Caf-xe9-",
    "FLOWC_RUN_ID": "argo-x",
    "FLOWC_STEP": "-xe9-tape",
    "FLOWC_PATH": "r.3",
    "FLOWC_ATTEMPT_ID": "argo/0",
    "FLOWC_ENTRY": "flows/a.py",
}


def test_names_are_spelled_in_ascii() -> None:
    settings = read_settings(GIVEN, "/code")
    assert (settings.task, settings.entry) == ("Café/argo-x/étape/r.3", "/code/flows/a.py")
    assert settings.attempt_prefix == "Caf-xe9-/argo-x/-xe9-tape/r.3/attempts/argo-0"


def test_an_attempt_of_batch_is_one_of_its_own() -> None:
    batch = {"AWS_BATCH_JOB_ID": "j", "AWS_BATCH_JOB_ATTEMPT": "2"}
    assert read_settings({**GIVEN, **batch}, "/code").attempt == "argo-0-j-2"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("STEP", "", "FLOWC_STEP is not set: a task is started by a manifest or by `flowc run`"),
        ("STEP", "my-step", "FLOWC_STEP is 'my-step', which spells no name"),
        ("FLOW", "a-x110000-", "FLOWC_FLOW is 'a-x110000-', which spells no name"),
        ("RETRIES", "two", "FLOWC_RETRIES is 'two', not a whole number"),
        ("DOCUMENT", "W10=", "FLOWC_DOCUMENT is not an object"),
        ("DOCUMENT", "e30", "FLOWC_DOCUMENT cannot be read: "),
    ],
)
def test_what_no_manifest_writes_is_told(name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError) as told:
        read_settings({**GIVEN, f"FLOWC_{name}": value}, "/code")
    assert str(told.value).startswith(said)
