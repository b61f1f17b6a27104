"""Tasks as pods of a Kubernetes cluster: created, watched and deleted from here."""
