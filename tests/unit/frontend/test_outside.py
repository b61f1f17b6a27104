"""What a flow imports from outside its project, for every task alike."""

from __future__ import annotations

from flowc.diagnostics.model import Sink
from flowc.frontend.declare import declare
from flowc.frontend.project.outside import outside_imports
from tests.declaring import written

FLOW = """\
from __future__ import annotations
import os.path, numpy as np
from pandas.io import json
from common import Base
from flowc import step
import metaflow
from . import beside
try:
    import torch
except ImportError:
    torch = None

class F(Base):
    @step
    def start(self):
        import scipy
"""


def test_outside_imports() -> None:
    files = {
        "common.py": "import numpy, yaml\nfrom flowc import FlowSpec\nclass Base(FlowSpec): pass",
        "beside.py": "",
    }
    project = written(FLOW, files, Sink())
    declare(project, None, Sink())
    assert outside_imports(project) == ("os.path", "numpy", "pandas.io", "yaml")
