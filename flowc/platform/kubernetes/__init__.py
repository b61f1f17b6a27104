"""One step as a pod: its container, volumes, placement and labels, for every backend that makes pods."""
