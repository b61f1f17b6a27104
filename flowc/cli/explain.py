"""`flowc explain`: the page of a diagnostic, the list of all, or the source behind a line of a manifest."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

import click

from flowc import share
from flowc.cli.output import write
from flowc.diagnostics.catalog import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flowc.diagnostics.model import Rule

_FAMILIES = {
    "FC0": "The source text",
    "FC1": "Declarations",
    "FC2": "Transitions",
    "FC3": "Structure",
    "FC4": "Artifacts and bounds",
    "FC5": "Configuration",
    "FC6": "Targets",
    "FC7": "Manifests",
    "FC9": "flowc itself",
}
_HELP = """Show what a diagnostic means, an example that has it, and the example repaired.

WHAT is a code or a name: FC301, 301, no-start. Without it all diagnostics are listed. A line of a
manifest that flowc wrote, FILE:LINE, is explained by the step and the line of the flow behind it.

\b
Examples:
  flowc explain FC402
  flowc explain lost-at-join
  flowc explain | grep join
  flowc explain deploy/train.yaml:95
"""
_LINE = re.compile(r"(?P<path>.+\.(ya?ml|json|asl)):(?P<line>\d+)")


@click.command("explain", help=_HELP)
@click.argument("what", required=False)
@click.option(
    "--json", "as_json", is_flag=True, help="Print JSON: one rule, the list of all, a line's source."
)
def command(*, what: str | None, as_json: bool) -> int:
    """See the help above."""
    line = _LINE.fullmatch(what or "")
    if line:
        from flowc.cli.provenance.explanation import explain_line

        explained = explain_line(line["path"], int(line["line"]))
        write(sys.stdout, _json(explained.document()) if as_json else explained.text())
        return 0
    if what is None:
        rules = [RULES[c] for c in sorted(RULES)]
        write(sys.stdout, _json([_row(r) for r in rules]) if as_json else "\n".join(_listing(rules)) + "\n")
        return 0
    if re.search(r"\.py(:\d+)?$", what):
        raise click.UsageError(
            f"`{what}` is no line of a manifest, and no diagnostic; `flowc check` says what is wrong in a flow"
        )
    rule = find_rule(what)
    text = page_of(rule)
    write(sys.stdout, _json({**_row(rule), "page": text}) if as_json else text)
    return 0


def page_of(rule: Rule) -> str:
    """The page of a rule, as markdown; its summary where it has none."""
    page = share.read_text("diagnostics", f"{rule.code}.md")
    return page or f"# {rule.code}: {rule.name}\n\n{rule.summary}\n"


def find_rule(word: str) -> Rule:
    """The rule of a code or a name; a usage error with the nearest ones otherwise."""
    wanted = word.strip().strip("[]`").lower().replace("_", "-")
    by_name = {rule.name: rule for rule in RULES.values()}
    for code in (wanted.upper(), f"FC{wanted.upper()}"):
        if code in RULES:
            return RULES[code]
    if wanted in by_name:
        return by_name[wanted]
    from flowc.diagnostics.suggest import nearest

    near = nearest(wanted, by_name) or nearest(wanted.upper(), RULES)
    hint = f"; did you mean `{near}`?" if near else ""
    raise click.UsageError(f"there is no diagnostic `{word}`{hint}; `flowc explain` lists all")


def _listing(rules: list[Rule]) -> Iterator[str]:
    width = max(len(rule.name) for rule in rules)
    family = ""
    for rule in rules:
        if rule.code[:3] != family:
            yield from ([""] if family else [])
            family = rule.code[:3]
            yield f"{_FAMILIES.get(family, family)}:"
        yield f"  {rule.code}  {rule.severity.value:<7}  {rule.name:<{width}}  {rule.summary}"


def _row(rule: Rule) -> dict[str, str]:
    return {"code": rule.code, "name": rule.name, "severity": rule.severity.value, "summary": rule.summary}


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
