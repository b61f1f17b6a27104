"""Objects of Argo Workflows, and the Kubernetes objects of their bundles."""
