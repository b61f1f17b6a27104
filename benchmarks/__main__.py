"""`python -m benchmarks [--short] [NAME…]`: exit 3 when a claim is broken."""

from __future__ import annotations

import argparse
import importlib
import sys

NAMES = ("compile_time", "scaling", "sizes", "artifacts", "runtime", "comparison")
BROKEN = 3  # no exit code of Python's own


def main() -> None:
    """Run the benchmarks asked for, all without names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--short", action="store_true", help="fewer repetitions")
    asked = parser.parse_args()
    unknown = set(asked.names) - set(NAMES)
    if unknown:
        parser.error(f"no benchmark named {', '.join(sorted(unknown))}")
    verdicts = [
        importlib.import_module(f"benchmarks.{name}").main(short=asked.short) for name in asked.names or NAMES
    ]
    sys.exit(0 if all(verdicts) else BROKEN)


if __name__ == "__main__":
    main()
