"""Where a local run's tasks run: processes here, forked or spawned, pods, jobs."""
