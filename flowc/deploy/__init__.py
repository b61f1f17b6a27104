"""Where bundles and runs meet the engines: a Kubernetes cluster with Argo, an AWS account."""
