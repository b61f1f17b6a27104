"""Judges manifests, ours or anyone's, without an engine: shape first, then what no schema can say."""
