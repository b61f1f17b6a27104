"""Passes over the graph and the program: `(input, sink) -> output`."""
