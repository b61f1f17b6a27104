"""Artifacts: values as bytes in a store, and back.

Invariant: an artifact that was stored is read back equal or not at all; a step pays for what it
touches, not for what it is given.
"""

from flowc.runtime.artifacts.read import UnreadableArtifact, load_artifact, load_item, stored_by, verify
from flowc.runtime.artifacts.write import ArtifactWriter

__all__ = [
    "ArtifactWriter",
    "UnreadableArtifact",
    "load_artifact",
    "load_item",
    "stored_by",
    "verify",
]
