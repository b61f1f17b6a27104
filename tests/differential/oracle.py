"""Metaflow's own view of a flow: `python oracle.py` reads a line of JSON for each flow and answers with one.

Asked {"source": text, "name": class}, it answers {"nodes": {step: {"type", "next", "join"}},
"lint": message or null} or {"error": text}. The flow is imported here, and only here.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import tempfile


def main() -> None:
    """Answer until the input ends."""
    from metaflow.graph import FlowGraph
    from metaflow.lint import LintWarn, linter

    with tempfile.TemporaryDirectory() as folder:
        for number, line in enumerate(sys.stdin):
            asked = json.loads(line)
            path = os.path.join(folder, f"flow_{number}.py")
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(asked["source"])
            answer: dict[str, object]
            try:
                spec = importlib.util.spec_from_file_location(f"flow_{number}", path)
                assert spec is not None
                assert spec.loader is not None
                module = importlib.util.module_from_spec(spec)
                sys.modules[spec.name] = module
                spec.loader.exec_module(module)
                graph = FlowGraph(getattr(module, asked["name"]))  # type: ignore[no-untyped-call]
                nodes = {
                    node.name: {"type": node.type, "next": node.out_funcs, "join": node.matching_join}
                    for node in graph
                }
                answer = {"nodes": nodes, "lint": None}
                try:
                    linter.run_checks(graph)  # type: ignore[no-untyped-call]
                except LintWarn as warning:
                    answer["lint"] = str(warning)
            except Exception as error:  # noqa: BLE001 - whatever it is, the asker shall see it
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
