"""From a flow graph to nested regions, or why it has none."""
