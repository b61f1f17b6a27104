"""A command whose options are, besides its own, the parameters of the flow it is given.

A parameter goes before an option of flowc that is called alike (`--name`, `--image`): what the
option sets can still be set by `--set`, a variable or the configuration. The names that no
parameter may have are flowc's in every command.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from flowc.cli.options import entry_of
from flowc.cli.running.parameters import help_rows, spellings
from flowc.cli.running.words import arities, split_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flowc.cli.running.words import Given, Words
    from flowc.ir.params import Parameter

_OTHERS = "flowc.others"
_FILE = "flowc.file"

# Options that FC118 keeps parameters from being called like.
_NEVER_A_PARAMETER = frozenset({"--max-workers", "--max-num-splits", "--with", "--tag", "--run-id-file"})


class FlowCommand(click.Command):
    """`others` gives the options that flowc does not know, in order, for the flow to know."""

    takes_parameters = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep from click what is the flow's."""
        own = arities(self.get_params(ctx))
        words = split_words(args, own)
        shadowed = _shadowed(words) if self.takes_parameters else None
        if shadowed:
            words = split_words(args, {o: n for o, n in own.items() if o not in shadowed})
        ctx.meta[_OTHERS] = words.others
        ctx.meta[_FILE] = words.plain[0] if words.plain else None
        return super().parse_args(ctx, [*words.own, "--", *words.plain])

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The flow's own options come first."""
        file = ctx.meta.get(_FILE)
        if file is not None and self.takes_parameters and _is_file(file):
            rows = help_rows(_parameters_of(file, ctx.params.get("flow")))
            with formatter.section(f"Parameters of the flow in {file}"):
                if rows:
                    formatter.write_dl(rows)
                else:
                    formatter.write_text("(none)")
        super().format_options(ctx, formatter)


def others(ctx: click.Context) -> Sequence[Given]:
    """The options of the command line that are none of flowc's, in order."""
    found: Sequence[Given] = ctx.meta[_OTHERS]
    return found


def option_names(ctx: click.Context) -> list[str]:
    """The options of the command itself, those apart that help does not show."""
    shown = [o for o in ctx.command.get_params(ctx) if isinstance(o, click.Option) and not o.hidden]
    return [spelling for option in shown for spelling in option.opts]


def _shadowed(words: Words) -> frozenset[str]:
    """Those of flowc's options used that a parameter of the flow is called like."""
    used = {word.partition("=")[0] for word in words.own if word.startswith("--")} - _NEVER_A_PARAMETER
    if not used or not words.plain or used == {"--help"} or not _is_file(words.plain[0]):
        return frozenset()
    found = _parameters_of(words.plain[0], None)
    return frozenset(
        used.intersection(spelling for p in found for spelling in spellings(p.name)) - {"--help"}
    )


def _is_file(word: str) -> bool:
    """Whether a word is meant as a flow's file: `flowc submit` takes the name of a deployed flow too."""
    return word.endswith(".py") or os.path.isfile(word)


def _parameters_of(file: str, flow: str | None) -> list[Parameter]:
    """The parameters of a flow, as far as they can be read: what is wrong is reported when the flow runs."""
    from flowc.compiler import analyze
    from flowc.diagnostics.model import Sink
    from flowc.source import Sources
    from flowc.target.settings import Settings

    entry = entry_of(file)
    program = analyze(entry.path, Sources(entry.root), Settings(), Sink(), flow)
    return list(program.graph.parameters.values()) if program else []
