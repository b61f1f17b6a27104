"""Bounds: how many tasks each split makes, and the most that a run can use at any moment."""

from flowc.passes.bounds.caps import check_caps
from flowc.passes.bounds.fanouts import fanouts
from flowc.passes.bounds.peak import Certificate, certify

__all__ = ["Certificate", "certify", "check_caps", "fanouts"]
