"""`flowc run --with kubernetes` as it is typed: the flow's code and its data go through S3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cluster.server import serve
from tests.commands import HELLO
from tests.differential.servers import BUCKET, moto

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands import Ended, Project

BIG_SUM = (
    HELLO.replace("    @step", "    @resources(memory=60000, cpu=1)\n    @step", 1)
    .replace("step\n", "resources, step\n", 1)
    .replace("        self.next", "        self.sum = numbers.total(3)\n        self.next")
    .replace("        pass", '        print("The sum is %f." % self.sum)')
    .replace("from flowc", "import numbers_of_ours as numbers\nfrom flowc", 1)
)


@pytest.mark.slow
def test_code_and_data_go_through_s3(
    project: Project, run: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(big=BIG_SUM, numbers_of_ours="def total(n):\n    return sum(range(n + 1))\n")
    monkeypatch.setenv("KUBECONFIG", str(project.folder / "kubeconfig"))
    node = project.folder / "node"
    node.mkdir()
    with moto() as variables, serve(node) as cluster:
        (node / "kubeconfig").rename(project.folder / "kubeconfig")
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        place = ("--datastore", f"s3://{BUCKET}/x", "--image", "task:1")
        ended = run("run", "big.py", *place, "--with", "kubernetes:memory=500")
        assert ended.code == 0, ended
        assert "The sum is 6.000000." in ended.out
        asked = [pod["spec"]["containers"][0]["resources"]["limits"]["memory"] for pod in cluster.node.made]
        assert asked == ["60000M", "500M"]
