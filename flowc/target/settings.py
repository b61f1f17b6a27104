"""What the user configured, resolved: [tool.flowc], profiles, environment and flags, later wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.records import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgoSettings:
    """Of the Argo target, and of pods that `flowc run` makes."""

    namespace: str | None = None
    service_account: str | None = None  # an existing one; None: one is generated
    service_account_annotations: Mapping[str, str] = field(default_factory=dict)
    image_pull_policy: str = "IfNotPresent"
    image_pull_secrets: tuple[str, ...] = ()
    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Mapping[str, str], ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    event_bus: str = "default"
    event_source: str = "flowc"
    event_name: str = "flowc"
    event_url: str | None = None  # the event source's webhook, which is told of every finished run
    gpu_resource: str = "nvidia.com/gpu"
    concurrency_policy: str = "Allow"
    keep_success_seconds: int = 86_400
    keep_failure_seconds: int = 604_800
    volume_claim: str | None = None  # a claim mounted for a file:// datastore
    s3_endpoint: str | None = None  # AWS_ENDPOINT_URL_S3 of the tasks
    s3_secret: str | None = None  # a Secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFunctionsSettings:
    """Of the Step Functions target, and of jobs that `flowc run` submits.

    What is None becomes a required Parameter of the template.
    """

    partition: str = "aws"
    job_queue: str | None = None
    platform: str = "EC2"  # or FARGATE
    job_role: str | None = None  # an ARN; None: one is generated
    execution_role: str | None = None  # Fargate
    eks_cluster: str | None = None
    log_retention_days: int = 30
    event_bus: str = "default"
    tags: Mapping[str, str] = field(default_factory=dict)
    code_bucket: str | None = None
    code_prefix: str = "flowc-code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that shapes a manifest and is not in the flow.

    `name` is the base of every object's name (None: made of the flow's). Seconds, bytes and
    counts are plain integers; caps of the peak are None where there is none.
    """

    name: str | None = None
    image: str | None = None
    datastore: str | None = None
    code: str = "embed"  # or image
    include: tuple[str, ...] = ()
    max_workers: int = contract.MAX_WORKERS
    max_num_splits: int = contract.MAX_NUM_SPLITS
    max_visits: int = contract.MAX_VISITS
    decorators: tuple[str, ...] = ()  # --with: `retry:times=2`, attached to every step
    infrastructure_retries: int = 0
    run_timeout_seconds: int | None = None
    branch: str | None = None
    production: bool = False
    max_peak_tasks: int | None = None
    max_peak_cpu_millis: int | None = None
    max_peak_memory_mb: int | None = None
    max_peak_gpu: int | None = None
    configs: Mapping[str, str] = field(default_factory=dict)  # --config NAME PATH
    config_values: Mapping[str, str] = field(default_factory=dict)  # --config-value NAME JSON
    variables: Mapping[str, str] = field(default_factory=dict)  # of the environment, for decorators
    loaded_configs: Mapping[str, object] = field(default_factory=dict)  # those of a run that is resumed
    argo: ArgoSettings = ArgoSettings()
    stepfunctions: StepFunctionsSettings = StepFunctionsSettings()
