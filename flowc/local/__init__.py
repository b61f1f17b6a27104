"""`flowc run`: a flow on one machine, each task its own process."""
