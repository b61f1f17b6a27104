"""What both platforms need of a run: what its tasks are told, and how their containers start."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flowc import contract
from flowc.launch.base import blocking
from flowc.platform import bootstrap
from flowc.records import dataclass
from flowc.runtime.store.digest import blob_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowc.ir.graph import Step
    from flowc.launch.base import Listener, Order
    from flowc.manifest.bundle import Code
    from flowc.runtime.settings import TaskSettings
    from flowc.runtime.store import Store
    from flowc.target.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A run whose tasks are sent away. `told` is what each step is told; `code` the archive's variables."""

    flow: str
    run_id: str
    steps: Mapping[str, Step]
    told: Mapping[str, Mapping[str, str]]
    settings: Settings
    store: Store
    code: Mapping[str, str]

    def environment(self, order: Order) -> dict[str, str]:
        """The variables of one attempt."""
        endpoint = s3_endpoint(self.settings)
        own = {} if endpoint is None else {"AWS_ENDPOINT_URL_S3": endpoint}
        return {**self.told[order.settings.step], **self.code, **own, **order.environment}

    async def show_stored(self, settings: TaskSettings, listener: Listener) -> None:
        """Pass on what an attempt printed as the datastore has it, where its platform did not tell."""
        printed = await blocking(False, self.store.get, f"{settings.attempt_prefix}/{contract.LOG_OBJECT}")
        if printed:
            listener.output(printed)

    def command(self, python: str = "python3") -> list[str]:
        """What the containers run."""
        return bootstrap.command(self.settings.code, python)


async def store_code(code: Code, flow: str, store: Store) -> dict[str, str]:
    """Leave the archive where containers fetch it, once for all runs of the same code; the variables that say where."""
    if not code.archive:
        return {}
    folder = f"{contract.escape_name(flow)}/{contract.BLOBS_FOLDER}"
    name = await blocking(False, store.put_blob, folder, [code.archive])
    return {
        contract.ENV_CODE: store.place(blob_key(folder, name)),
        contract.ENV_CODE_SHA256: code.sha256,
    }


def s3_endpoint(settings: Settings) -> str | None:
    """Where tasks find S3, if not at AWS: what is configured for them, else what this process uses."""
    ours = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    return settings.argo.s3_endpoint or ours or None
