"""`flowc completion`: the script that teaches a shell flowc's commands and options."""

from __future__ import annotations

import click

_HELP = """Print the completion script of a shell.

\b
Install it:
  bash: flowc completion bash > ~/.local/share/bash-completion/completions/flowc
  zsh:  flowc completion zsh > "${fpath[1]}/_flowc"
  fish: flowc completion fish > ~/.config/fish/completions/flowc.fish
"""


@click.command("completion", help=_HELP)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(*, shell: str) -> None:
    """See the help above."""
    from click.shell_completion import get_completion_class

    from flowc.cli.group import flowc

    cls = get_completion_class(shell)
    assert cls is not None  # noqa: S101 - click knows all three
    click.echo(cls(flowc, {}, "flowc", "_FLOWC_COMPLETE").source())
