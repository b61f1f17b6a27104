"""A method's body, from syntax to a control-flow graph of events."""
