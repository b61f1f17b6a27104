"""Programs that drive other compilers over an equivalent flow, for the comparison."""
