"""A Kubernetes API server for tests, whose one node runs a pod's command as a process."""
