"""What a flow means, and how two of them differ in it: for `flowc diff`."""
