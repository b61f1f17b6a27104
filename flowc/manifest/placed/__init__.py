"""Manifests as plain values whose parts know where they were written."""
