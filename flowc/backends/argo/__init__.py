"""Argo Workflows on Kubernetes."""
