"""`flowc check --fix`: apply safe fixes until none is left, and write the files.

Invariant: a file keeps its encoding and its line ends; one that no fix touches is not written.
"""

from __future__ import annotations

import io
import os
import tokenize
from typing import TYPE_CHECKING

from flowc.cli.bundle.atomic import write_file
from flowc.cli.checking import Checked, check_file, finish
from flowc.diagnostics.fixes import apply_fixes
from flowc.source import Sources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flowc.cli.configuration.load import Configuration
    from flowc.source import SourceFile

_ROUNDS = 10  # each round mends what the last one uncovered; a fix that undoes another ends here


def check_and_fix(
    path: str, configuration: Configuration, targets: Sequence[str], flow: str | None, *, named: bool
) -> tuple[Checked, Configuration]:
    """Check, mend and check again: what remains, and the configuration with the files as they are now."""
    mended = 0
    checked = check_file(path, configuration, targets, flow, named=named)
    for _ in range(_ROUNDS):
        fixed = apply_fixes(finish([checked]))
        if not fixed.texts:
            break
        mended += len(fixed.mended)
        write_texts(fixed.texts, configuration.root)
        configuration = configuration._replace(sources=Sources(configuration.root))
        checked = check_file(path, configuration, targets, flow, named=named)
    return checked._replace(mended=mended), configuration


def write_texts(texts: Mapping[SourceFile, str], root: str) -> None:
    """Write the new text of each file in the encoding and with the line ends it had."""
    for file, text in texts.items():
        path = os.path.join(root, file.path)
        with open(path, "rb") as stream:
            raw = stream.read()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        if raw.count(b"\r\n") == raw.count(b"\n"):
            write_file(path, text.replace("\n", "\r\n").encode(encoding))
        else:
            write_file(path, text.encode(encoding))
