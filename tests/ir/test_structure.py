"""The textual IR of small flows: each file of `cases` is a flow, `---`, and its program."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowc.ir.print import print_program
from flowc.ir.verify import verify_program
from tests.graphs import program

CASES = sorted((Path(__file__).parent / "cases").glob("*.txt"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_ir(case: Path, bless: bool) -> None:
    text, _, expected = case.read_text().partition("---\n")
    made = program(text)
    verify_program(made)
    printed = print_program(made)
    if bless:
        case.write_text(f"{text}---\n{printed}")
    else:
        assert printed == expected
