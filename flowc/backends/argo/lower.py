"""From regions to DAG templates.

One DAG for the flow, two for each foreach: a wrapper that makes one task an item, and a body where
the body is more than one plain step; one recursive DAG for each loop. Forks and choices stand in
the DAG around them. A step that is tried again sits in a DAG of its own, since the engine counts a
DAG between attempts but not a pod's next attempt.

`parallelism` is a foreach's own limit on its wrapper; where steps are tried again or gangs run, on
every DAG the budget of `target.budget`. The run's limit itself stands in the workflow.

Invariant: the order of templates and tasks follows the source, and nothing here recurses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowc import contract
from flowc.backends.argo.dag import DagMaker
from flowc.backends.argo.plan import Job, Plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from flowc.backends.argo.manifest import Template
    from flowc.backends.argo.naming import TemplateNames
    from flowc.ir.program import Program
    from flowc.target.settings import Settings

MAIN = "main"


def lower(
    program: Program, settings: Settings, names: TemplateNames, is_tried: Callable[[str], bool]
) -> list[Template]:
    """The DAG templates of a program, the entry first. `is_tried` tells the steps whose template has a retry strategy."""
    plan = Plan(program, settings, names, is_tried)
    main = Job(names.claim(MAIN), program.body, contract.ROOT, parallelism=plan.main_parallelism)
    templates: list[Template] = []
    jobs = [main]
    while jobs:
        made = DagMaker(plan, jobs.pop())
        made.fill()
        templates += [made.template(), *made.beside]
        jobs.extend(reversed(made.jobs))
    return templates
