"""Compiles one flow without the command line: `python pipeline.py FLOW TARGET`; prints the manifests.

As the command does, it leaves its memory to the end of the process.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys


def main() -> None:
    gc.disable()
    atexit.register(gc.freeze)
    path, target = sys.argv[1:]
    from flowc.backends.table import backend
    from flowc.compiler import compile_flow
    from flowc.diagnostics.model import Sink
    from flowc.source import Sources
    from flowc.target.settings import Settings

    folder, name = os.path.split(os.path.abspath(path))
    sink = Sink()
    bundle = compile_flow(name, Sources(folder), Settings(), backend(target), sink)
    if bundle is None:
        sys.exit("\n".join(f"{d.primary.span!r} {d.rule.code} {d.message}" for d in sink))
    sys.stdout.buffer.write(bundle.stream)


if __name__ == "__main__":
    main()
