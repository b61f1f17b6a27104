"""Which modules may be imported before tasks are forked: those after which a fork is safe."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
THREADS = "import threading, time; threading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
TORCH = "class cuda:\n    is_initialized = staticmethod(lambda: {initialized})\n"


def check(folder: Path, **modules: str) -> str:
    """The module that `preload` gives back, of these modules by their source, in a process of its own."""
    for name, source in modules.items():
        (folder / f"{name}.py").write_text(source)
    program = "import sys, os; from flowc.launch.preload import preload; print(preload(sys.argv[1:])); sys.stdout.flush(); os._exit(0)"
    done = subprocess.run(
        [sys.executable, "-c", program, *modules],
        env={"PYTHONPATH": f"{ROOT}:{folder}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("modules", "unsafe"),
    [
        ({"plain": "", "other": "x = 1"}, ""),
        ({"plain": "", "busy": THREADS, "other": "raise SystemExit"}, "busy"),
        ({"broken": "raise ValueError", "leaving": "raise SystemExit", "plain": ""}, ""),
        ({"broken": f"{THREADS}\nraise ValueError"}, "broken"),
        ({"torch": TORCH.format(initialized=False), "plain": ""}, ""),
        ({"torch": TORCH.format(initialized=True), "plain": ""}, "torch"),
    ],
)
def test_the_first_module_after_which_no_fork_is_safe(
    tmp_path: Path, modules: dict[str, str], unsafe: str
) -> None:
    assert check(tmp_path, **modules) == unsafe
