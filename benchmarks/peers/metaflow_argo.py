"""`argo-workflows create --only-json` of Metaflow, offline: `python metaflow_argo.py FLOW`.

The command uploads the code package to an object store before it prints; the upload alone is
replaced here, so what is measured is Metaflow's own work. It also needs the `kubernetes` package.
"""

from __future__ import annotations

import os
import runpy
import sys

os.environ.update(
    METAFLOW_USER="bench",
    METAFLOW_DEFAULT_METADATA="local",
    METAFLOW_KUBERNETES_NAMESPACE="default",
    METAFLOW_HOME=os.path.join(os.path.dirname(os.path.abspath(sys.argv[1])), ".metaflow_home"),
    AWS_ACCESS_KEY_ID="none",
    AWS_SECRET_ACCESS_KEY="none",  # noqa: S106 - never used: nothing is sent
    AWS_DEFAULT_REGION="eu-west-1",
)


def main() -> None:
    from metaflow.datastore.flow_datastore import FlowDataStore

    def save_nothing(_store: object, blobs: list[bytes], **_: object) -> list[tuple[str, str]]:
        return [("s3://none/package", "0" * 40) for _ in blobs]

    FlowDataStore.save_data = save_nothing  # type: ignore[method-assign, assignment]
    sys.argv = [
        sys.argv[1],
        *("--no-pylint", "--datastore", "s3", "--datastore-root", "s3://none/root"),
        *("argo-workflows", "create", "--only-json"),
    ]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
