"""The shim: runs one step in its container. Python 3.9, standard library alone."""
