"""Bundles and runs in an AWS account."""
