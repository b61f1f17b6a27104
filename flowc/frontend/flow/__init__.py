"""A flow as a class: which one, its bases, its members, its steps."""
