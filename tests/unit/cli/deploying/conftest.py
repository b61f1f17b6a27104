"""An API server of a page, and a project whose flows can be deployed to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.commands import HELLO
from tests.kubeserver import kube_server
from tests.unit.cli.deploying.argo import CONFIGURED, TYPED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.commands import Project
    from tests.kubeserver import KubeServer


@pytest.fixture
def server(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[KubeServer]:
    project.put("pyproject.toml", CONFIGURED).write(hello=HELLO, typed=TYPED)
    with kube_server() as server:
        monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig(project.folder / "kubeconfig")))
        yield server
