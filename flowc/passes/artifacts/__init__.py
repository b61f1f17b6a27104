"""Def-use of artifacts over all paths of a flow."""

from flowc.passes.artifacts.check import check_artifacts

__all__ = ["check_artifacts"]
