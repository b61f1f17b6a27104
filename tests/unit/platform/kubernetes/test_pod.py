"""A step's decorators as the part of a pod that is its own."""

from __future__ import annotations

from textwrap import dedent

import pytest

from flowc.diagnostics.model import Sink
from flowc.ir.body import BodyBlock, Ending, MethodBody
from flowc.ir.graph import Finish, Step
from flowc.ir.resources import Resources
from flowc.ir.spec import Platform, Secret, StepSpec
from flowc.manifest.encode import encode_yaml
from flowc.platform.kubernetes import grammar
from flowc.platform.kubernetes.check import check_step
from flowc.platform.kubernetes.pod import cpu_quantity, pod
from flowc.source import Located, SourceFile, Span

SPAN = Span(SourceFile("flow.py", "@kubernetes"), 0, 11)


def spec(secrets: tuple[str, ...] = (), resources: Resources | None = None, **attributes: object) -> StepSpec:
    """The spec of a step with `@kubernetes(**attributes)`."""
    written = {name: Located(value, SPAN) for name, value in attributes.items()}
    return StepSpec(
        resources=resources or Resources(),
        secrets=tuple(Secret(name=name, span=SPAN) for name in secrets),
        kubernetes=Platform(written, SPAN) if attributes else None,  # type: ignore[arg-type]
    )


def check(given: StepSpec, expected: str, *variables: tuple[str, str]) -> None:
    """The pod of a step, as YAML."""
    assert encode_yaml(pod(given, variables)) == dedent(expected).lstrip("\n")


def faults(given: StepSpec) -> list[str]:
    """What Kubernetes would refuse of a step."""
    sink = Sink()
    body = MethodBody("train", SPAN, (BodyBlock((), (), Ending.RETURN),))
    check_step(
        Step(
            name="train",
            span=SPAN,
            doc="",
            inputs=None,
            transition=Finish(),
            transition_span=SPAN,
            spec=given,
            body=body,
        ),
        sink,
    )
    return [f"{d.rule.code} {d.message}" for d in sink]


def test_a_plain_step_asks_for_the_default() -> None:
    check(
        spec(),
        """
        container:
          resources:
            requests:
              cpu: "1"
              memory: "4096M"
            limits:
              memory: "4096M"
        """,
    )


def test_numbers_keep_their_unit() -> None:
    resources = Resources(cpu_millis=1500, memory_mb=60_000, gpu=2, disk_mb=10_240, shared_memory_mb=8_192)
    check(
        spec(resources=resources),
        """
        container:
          resources:
            requests:
              cpu: "1500m"
              memory: "60000M"
              ephemeral-storage: "10240M"
            limits:
              memory: "60000M"
              nvidia.com/gpu: "2"
          volumeMounts:
          - {name: dshm, mountPath: /dev/shm}
        volumes:
        - {name: dshm, emptyDir: {medium: Memory, sizeLimit: "8192M"}}
        """,
    )
    assert [cpu_quantity(millis) for millis in (100, 1000, 64_000)] == ["100m", "1", "64"]


def test_attributes() -> None:
    check(
        spec(
            secrets=("train-db",),
            resources=Resources(gpu=1),
            image="registry.example.com/team/train:1",
            image_pull_policy="Always",
            image_pull_secrets=["registry"],
            service_account="bot",
            node_selector="kubernetes.io/arch=amd64,zone=a",
            compute_pool="gpu",
            tolerations=[
                {"key": "gpu", "operator": "Exists", "effect": "NoSchedule", "toleration_seconds": 3}
            ],
            labels={"team": "ml"},
            annotations={"note": "two words"},
            gpu_vendor="amd",
            use_tmpfs=True,
            persistent_volume_claims={"data": "/mnt/data"},
            port=8080,
            qos="Guaranteed",
            extended_resources={"vendor.io/fpga": "1"},
            security_context={"privileged": True, "run_as_user": 1000},
        ),
        """
        container:
          image: "registry.example.com/team/train:1"
          imagePullPolicy: Always
          env:
          - {name: FLOWC_STEP, value: train}
          - {name: NOTE, value: "$$(HOME)"}
          - {name: METAFLOW_TEMPDIR, value: /metaflow_temp}
          envFrom:
          - {secretRef: {name: train-db}}
          resources:
            requests:
              cpu: "1"
              memory: "4096M"
              vendor.io/fpga: "1"
            limits:
              cpu: "1"
              memory: "4096M"
              amd.com/gpu: "1"
              vendor.io/fpga: "1"
          ports:
          - {containerPort: 8080}
          volumeMounts:
          - {name: tmpfs, mountPath: /metaflow_temp}
          - {name: claim-0, mountPath: /mnt/data}
          securityContext:
            privileged: true
            runAsUser: 1000
            allowPrivilegeEscalation: true
        volumes:
        - {name: tmpfs, emptyDir: {medium: Memory, sizeLimit: "2048M"}}
        - {name: claim-0, persistentVolumeClaim: {claimName: data}}
        nodeSelector:
          kubernetes.io/arch: amd64
          zone: a
          outerbounds.co/compute-pool: gpu
        tolerations:
        - {key: gpu, operator: Exists, effect: NoSchedule, tolerationSeconds: 3}
        metadata:
          labels:
            team: ml
          annotations:
            note: two words
        serviceAccountName: bot
        imagePullSecrets:
        - {name: registry}
        """,
        ("FLOWC_STEP", "train"),
        ("NOTE", "$(HOME)"),
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (spec(image="Team/Train"), "FC618 `Team/Train` cannot be an image"),
        (spec(secrets=("Db",)), "FC622 `Db` cannot be the name of a Kubernetes Secret"),
        (
            spec(secrets=(), service_account="My Bot"),
            "FC614 `My Bot` cannot be the name of a service account",
        ),
        (spec(labels={"team": "data science"}), "FC615 `data science` cannot be part of a label"),
        (spec(labels={"a b": "x"}), "FC615 `a b` cannot be part of a label"),
        (spec(node_selector={"zone": "{{x}}"}), "FC615 `{{x}}` cannot be part of a node selector"),
        (spec(annotations={"a": "{{=1}}"}), "FC615 `{{=1}}` cannot be part of an annotation"),
        (spec(tmpfs_path="tmp"), "FC615 `tmp` cannot be a mount path"),
        (spec(executable="python; rm"), "FC615 `python; rm` cannot be the Python of a step"),
        (spec(extended_resources={"x": "many"}), "FC615 `many` cannot be part of an extended resource"),
        (spec(tolerations=[{"kee": "x"}]), "FC615 `{'kee': 'x'}` cannot be a toleration"),
        (spec(image="registry.example.com/team/train:1", labels={"team": "ml"}), None),
    ],
)
def test_what_kubernetes_refuses(given: StepSpec, expected: str | None) -> None:
    assert faults(given) == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("image", "good"),
    [
        ("python", True),
        ("python:3.12", True),
        ("localhost:5000/a/b_c.d-e:x", True),
        ("registry.example.com/a/b@sha256:" + "0" * 64, True),
        ("registry.example.com/x:1", True),
        ("a b", False),
        ("a//b", False),
        ("A/b", True),
        ("a:", False),
        ("{{image}}", False),
        ("", False),
    ],
)
def test_images(image: str, good: bool) -> None:
    assert (grammar.image(image) is None) is good


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"operator": "Exists"}, None),
        ({"key": "a", "value": "b", "effect": "NoExecute"}, None),
        ({"key": "a", "operator": "In"}, "the operator of a toleration is `Exists` or `Equal`"),
        ({"value": "b"}, "a toleration without a key has the operator `Exists`"),
        ({"key": "a", "operator": "Exists", "value": "b"}, "a toleration with `Exists` has no value"),
        (
            {"key": "a", "effect": "Never"},
            "the effect of a toleration is `NoSchedule`, `PreferNoSchedule` or `NoExecute`",
        ),
        ("a", "a toleration is a dictionary"),
    ],
)
def test_tolerations(value: object, reason: str | None) -> None:
    assert grammar.toleration(value) == reason
