"""`flowc show`: a run by its steps, a step by its tasks, a task by its attempts and artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flowc.cli.results.where import read_meant, reading_command

if TYPE_CHECKING:
    from flowc.cli.results.documents import Document
    from flowc.cli.results.where import Meant

_HELP = """Show what became of a run, a step or a task, on whatever engine it ran.

RUN is a run's id, FLOW/RUN, or `latest`. Nothing of the flow is imported.

\b
Examples:
  flowc show latest                     steps, their tasks, how they ended
  flowc show train-3f2a1c/fit           the tasks of a step
  flowc show train-3f2a1c/fit/r.3       attempts, transition, artifacts
  flowc show latest --json | jq '.steps[] | select(.failed > 0)'
"""


@click.command("show", help=_HELP)
@click.argument("words", nargs=-1, metavar="RUN[/STEP[/PATH]]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (schemas/show.schema.json).")
@click.option("-q", "--quiet", is_flag=True, help="Print only the status.")
@reading_command
def command(
    *, words: tuple[str, ...], as_json: bool, quiet: bool, datastore: str | None, profile: str | None
) -> int:
    """See the help above."""
    meant = read_meant(words, datastore, profile)
    if as_json:
        from flowc.cli.results.documents import print_document

        print_document(_document(meant))
        return 0
    from flowc.cli.results.views import show_run, show_status, show_step, show_task

    if quiet:
        show_status(meant)
    elif meant.step is None:
        show_run(meant.run)
    elif meant.path is None:
        show_step(meant.run, meant.step)
    else:
        show_task(meant.run, meant.step, meant.path)
    return 0


def _document(meant: Meant) -> Document:
    from flowc.cli.results.documents import artifact_document, run_document
    from flowc.cli.results.documents import step_document, task_document  # isort: skip
    from flowc.cli.results.grouping import by_step

    run = meant.run
    tasks = run.tasks(meant.step) if meant.path is None else [run.task(meant.step or "", meant.path)]
    begun = [task for task in tasks if task is not None]
    whole: Document = {
        **run_document(run),
        "parameters": [artifact_document(name, entry) for name, entry in run.parameters.items()],
        "steps": [step_document(step, of_step) for step, of_step in by_step(begun)],
    }
    if meant.step is not None:
        whole["tasks"] = [task_document(task) for task in begun]
    return whole
