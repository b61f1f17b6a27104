"""Bundles and runs on a Kubernetes cluster with Argo Workflows."""
