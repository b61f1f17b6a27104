"""flowc: an ahead-of-time compiler for Python workflows."""
