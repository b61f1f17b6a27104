"""Where a local run's task runs: a process here, forked or spawned."""
