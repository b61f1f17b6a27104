"""The verdicts of `flowc validate` and of Argo's own validator agree on the manifests of Argo's tests.

They are read where Go's module cache has them. Each difference is listed with its reason.
"""

from __future__ import annotations

import os
import re
from collections import Counter

import pytest

from flowc.diagnostics.model import Severity, Sink
from flowc.source import SourceFile
from flowc.validate.manifests import validate_files
from tests.validators.schemas import ARGO, argo_module

pytestmark = pytest.mark.validators

_TEXT = re.compile(r"(\w+)\s*(?:string)?\s*:?=\s*`\n?(.*?)`", re.DOTALL)
_VERDICT = re.compile(
    r"err :?= validate\((?:[^()\n]|\((?:[^()\n]|\([^()\n]*\))*\))*?, (\w+)\)\n+(?:\s*//[^\n]*\n)*\s*require\.(\w+)"
)

_DIFFERENT = {
    "unsuppliedArgValue": "a value may come with the submission, as for Argo's own lint",
    "nestedTemplateRefWithError": "the templates that it refers to are not in the file",
    "undefinedTemplateRef": "so are these",
    "invalidRealtimeMetricGauge": "values of metrics are not judged",
    "validWfImageScriptInTemplateDefault": "a script without source, which the cluster's definition refuses",
    "dagArgParamValueFromConfigMapInTask": "an object without metadata, which the cluster refuses",
}


def _verdicts(folder: str) -> dict[str, tuple[str, bool]]:
    """Manifest and whether Argo takes it, by the name of each in the tests."""
    found: dict[str, tuple[str, bool]] = {}
    for name in ("validate_test.go", "validate_dag_test.go"):
        with open(os.path.join(folder, "workflow", "validate", name), encoding="utf-8") as stream:
            source = stream.read()
        texts = dict(_TEXT.findall(source))
        found |= {
            key: (texts[key], said == "NoError") for key, said in _VERDICT.findall(source) if key in texts
        }
    return found


def test_verdicts_agree() -> None:
    folder = argo_module(ARGO[0])
    if folder is None:
        pytest.skip(f"argo-workflows/{ARGO[0]} is not in Go's module cache")
    counts: Counter[bool] = Counter()
    different = {}
    for name, (text, is_good) in _verdicts(folder).items():
        sink = Sink()
        validate_files([SourceFile(f"{name}.yaml", text)], sink)
        errors = [f"{d.rule.code} {d.message}" for d in sink if d.severity is Severity.ERROR]
        counts[is_good] += 1
        if bool(errors) == is_good:
            different[name] = errors
    assert min(counts[True], counts[False]) > 30, counts
    assert set(different) <= set(_DIFFERENT), different
