"""Compiles flows and prints a digest of each bundle: `driver.py TARGET… -- PATH…`.

It is run as a program of its own under other Pythons, seeds, locales and folders; it needs nothing
but the compiler, and fails if anything of a flow is executed or anything outside is touched.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys

FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.spawn", "os.posix_spawn")


class Watch:
    """Holds the compiler to reading: no code of the flow's folders runs, no process or socket is made."""

    def __init__(self) -> None:
        self.folders: tuple[str, ...] = ()

    def __call__(self, event: str, args: tuple[object, ...]) -> None:
        if not self.folders:
            return
        if event.startswith(FORBIDDEN):
            self._stop(f"{event} while compiling")
        if event == "exec" and getattr(args[0], "co_filename", "").startswith(self.folders):
            self._stop(f"code of a flow was run: {args[0]}")

    @staticmethod
    def _stop(message: str) -> None:
        sys.stderr.write(message + "\n")
        os._exit(70)


def main(arguments: list[str]) -> None:
    from flowc.backends.table import backend
    from flowc.compiler import compile_flow
    from flowc.diagnostics.model import Sink
    from flowc.source import Sources
    from flowc.target.settings import Settings, StepFunctionsSettings

    cut = arguments.index("--")
    targets, paths = arguments[:cut], arguments[cut + 1 :]
    settings = Settings(
        image="example.com/flows:1",
        datastore="s3://bucket/runs",
        stepfunctions=StepFunctionsSettings(job_queue="arn:aws:batch:eu-west-1:123456789012:job-queue/q"),
    )
    watch = Watch()
    sys.addaudithook(watch)
    watch.folders = tuple({os.path.dirname(os.path.abspath(path)) for path in paths})
    digests = {}
    for path in paths:
        folder, name = os.path.split(os.path.abspath(path))
        for target in targets:
            sink = Sink()
            bundle = compile_flow(name, Sources(folder), settings, backend(target), sink)
            content = hashlib.sha256(bundle.stream if bundle else b"")
            for file in bundle.files if bundle else ():
                content.update(file.path.encode() + b"\0" + file.content + b"\0")
            said = [f"{d.rule.code} {d.primary.span.start} {d.message}" for d in sink]
            digests[f"{name} {target}"] = [content.hexdigest() if bundle else None, said]
    watch.folders = ()
    json.dump(digests, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
