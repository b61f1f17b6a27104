"""From source text to a `FlowGraph`: declare, fold, resolve."""
