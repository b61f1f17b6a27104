"""Which datastore is read, from what the environment, the project and the folders say."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from flowc.runtime.client.errors import NoDatastore
from flowc.runtime.client.place import find_datastore

if TYPE_CHECKING:
    from pathlib import Path

S3 = 'datastore = "s3://deployed/x"\n[env.prod]\ndatastore = "s3://prod/x"\n'
FOLDER = 'datastore = "file:///shared/runs"\n'
ELSEWHERE = "[tool.flowc]\n" + S3.replace("[env", "[tool.flowc.env")
toml = pytest.mark.skipif(sys.version_info < (3, 11), reason="no TOML in this Python")


@pytest.mark.parametrize(
    ("files", "environment", "expected"),
    [
        ("store", {}, "file://{root}/.flowc/store"),
        ("store", {"FLOWC_DATASTORE": "s3://asked/x"}, "s3://asked/x"),
        ("store flowc.toml=S3", {}, "file://{root}/.flowc/store"),  # where runs of this machine are
        pytest.param("flowc.toml=S3", {}, "s3://deployed/x", marks=toml),
        pytest.param("flowc.toml=S3", {"FLOWC_ENV": "prod"}, "s3://prod/x", marks=toml),
        pytest.param("pyproject.toml=ELSEWHERE", {"FLOWC_ENV": "prod"}, "s3://prod/x", marks=toml),
        pytest.param("store flowc.toml=FOLDER", {}, "file:///shared/runs", marks=toml),
        ("store flowc.toml=BROKEN", {}, "file://{root}/.flowc/store"),
        ("", {}, None),
        ("flowc.toml=BROKEN", {}, None),
    ],
)
def test_the_datastore_is_found(
    tmp_path: Path, files: str, environment: dict[str, str], expected: str | None
) -> None:
    contents = {"S3": S3, "FOLDER": FOLDER, "ELSEWHERE": ELSEWHERE, "BROKEN": "tool = 3\nenv = [\n"}
    for word in files.split():
        name, _, content = word.partition("=")
        if name == "store":
            (tmp_path / ".flowc" / "store").mkdir(parents=True)
        else:
            (tmp_path / name).write_text(contents[content])
    below = tmp_path / "src" / "deep"
    below.mkdir(parents=True)
    if expected is None:
        with pytest.raises(NoDatastore, match=r"nothing says where the runs are: set FLOWC_DATASTORE"):
            find_datastore(str(below), environment)
    else:
        assert find_datastore(str(below), environment) == expected.format(root=tmp_path)
