"""Every claim about speed and size, as programs that print ratios: `python -m benchmarks [--short]`."""
