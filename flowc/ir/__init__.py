"""The intermediate representation: what a flow means, without syntax and without targets."""
