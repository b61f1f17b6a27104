"""Flows that are deployed to an API server of a page, and what the server then has of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.commands import HELLO

if TYPE_CHECKING:
    from tests.kubeserver import KubeServer

CONFIGURED = '[tool.flowc]\nimage = "img:1"\ndatastore = "s3://data/runs"\ntargets = ["argo"]\n'
TYPED = """\
from flowc import FlowSpec, IncludeFile, Parameter, step


class Typed(FlowSpec):
    title = Parameter("title", required=True)
    rounds = Parameter("max_rounds", default=3)
    data = IncludeFile("data")

    @step
    def start(self):
        self.next(self.end)

    @step
    def end(self):
        pass
"""

SCHEDULED = HELLO.replace("class Hello", "@schedule(cron='5 4 * * *')\nclass Hello").replace(
    "import FlowSpec", "import FlowSpec, schedule"
)


def code_name(server: KubeServer) -> str:
    return next(key.rpartition("/")[2] for key in server.objects if "/configmaps/" in key)


def submitted(server: KubeServer) -> dict[str, Any]:
    found = next(o for key, o in server.objects.items() if "/workflows/" in key)
    spec: dict[str, Any] = found["spec"]
    return spec


def put_run(server: KubeServer, status: dict[str, Any], name: str = "train-x7k2p", **spec: str) -> None:
    labels = {"workflows.argoproj.io/completed": "true"} if status.get("finishedAt") else {}
    content = {"metadata": {"name": name, "labels": labels}, "status": status}
    server.put("workflows", {**content, "spec": {"workflowTemplateRef": {"name": "train"}, **spec}})
