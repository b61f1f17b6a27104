"""What the commands share that talk to a cluster or to AWS."""
