"""`flowc lsp`: diagnostics, fixes and explanations in an editor, by the Language Server Protocol."""

from __future__ import annotations

from importlib.util import find_spec

import click

from flowc.cli.configuration.entries import TARGETS

_HELP = """Serve an editor over standard input and output (Language Server Protocol).

An editor starts this command for Python files: what `flowc check` would say of a flow is shown as it
is typed, fixes are offered, and hovering over a fault shows its page. The flow is never imported.
Other Python files are passed over.

\b
Neovim:  vim.lsp.config("flowc", {cmd = {"flowc", "lsp"}, filetypes = {"python"}})
Helix:   [language-server.flowc]
         command = "flowc"
         args = ["lsp"]
"""


@click.command("lsp", help=_HELP)
@click.option(
    "-t", "--target", "targets", multiple=True, type=click.Choice(TARGETS), help="Judge for this engine."
)
@click.option("--env", "profile", metavar="NAME", help="The profile [tool.flowc.env.NAME].")
def command(*, targets: tuple[str, ...], profile: str | None) -> int:
    """See the help above."""
    if find_spec("pygls") is None:
        raise click.UsageError("`flowc lsp` needs pygls: pip install 'flowc[lsp]'")
    from flowc.cli.editor.server import serve

    serve(targets, profile)
    return 0
