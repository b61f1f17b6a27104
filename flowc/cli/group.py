"""The `flowc` command itself: its table of commands, and what each ending means to a shell.

Invariant: nothing a user can do ends in a traceback. What flowc did not expect becomes FC901.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import sys
from typing import TYPE_CHECKING, TypeGuard

import click

from flowc import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

# Name → module and one line for the list of commands, in the order in which a user meets them.
COMMANDS = {
    "compile": ("compile", "Turn a flow into manifests for Argo or Step Functions."),
    "check": ("check", "Report everything that is wrong in flow files."),
    "diff": ("diff", "Tell what changed between two flows, in meaning."),
    "graph": ("graph", "Draw a flow as mermaid, dot, SVG, a page or JSON."),
    "ir": ("ir", "Print a flow as the compiler understands it."),
    "validate": ("validate", "Judge manifests of Argo and Step Functions, of any origin."),
    "explain": ("explain", "Show what a diagnostic means and how to repair it."),
    "run": ("run", "Run a flow on this machine."),
    "resume": ("resume", "Go on with a run: keep what finished, run the rest."),
    "runs": ("runs", "List runs, newest first."),
    "tag": ("tag", "Show or change the tags of a run."),
    "show": ("show", "Show what became of a run, a step or a task."),
    "dump": ("dump", "Print the values that tasks left."),
    "logs": ("logs", "Print what tasks printed."),
    "report": ("report", "Write a page of a run."),
    "verify": ("verify", "Compare what runs stored with its digests."),
    "deploy": ("deploy", "Put a flow on a cluster or into an AWS account."),
    "submit": ("submit", "Start a run of a deployed flow."),
    "status": ("status", "Show how far a run on an engine is."),
    "cancel": ("cancel", "Stop a run on an engine."),
    "undeploy": ("undeploy", "Take away what `deploy` made."),
    "gc": ("gc", "Remove embedded code that nothing needs any more."),
    "init": ("init", "Begin a project: a flow, its configuration and CI."),
    "image": ("image", "Write the Dockerfile of a flow whose code the image holds."),
    "lsp": ("lsp", "Serve diagnostics to an editor."),
    "step": ("step", "Run one task, as a manifest starts it in its container."),
    "completion": ("completion", "Print the completion script of a shell."),
}

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

_EXAMPLES = """\b
Start here:
  flowc check flow.py                        what is wrong, and where
  flowc compile flow.py --target argo        manifests to standard output
  flowc compile flow.py --target stepfunctions -o deploy/
  flowc explain FC301                        what a code means

A flow is read, never imported or run. `flowc COMMAND --help` shows each command's options.
"""


class Commands(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command, imported now; None where there is none of the name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"flowc.cli.{COMMANDS[cmd_name][0]}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a suggestion for a misspelt command or a forgotten one."""
        name = args[0]
        if name in COMMANDS or name.startswith("-"):
            return super().resolve_command(ctx, args)
        from flowc.diagnostics.suggest import nearest

        near = nearest(name, COMMANDS)
        if near:
            raise click.UsageError(f"there is no command `{name}`; did you mean `flowc {near}`?", ctx)
        if name.endswith(".py"):
            raise click.UsageError(f"`{name}` is no command; did you mean `flowc check {name}`?", ctx)
        raise click.UsageError(f"there is no command `{name}`", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list from the table: no command is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in COMMANDS.items()])


@click.group(
    cls=Commands,
    help="flowc compiles Python workflows (FlowSpec classes) to Argo Workflows and AWS Step Functions.\n\n"
    + _EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, "-V", "--version", message="flowc %(version)s")
def flowc() -> None:
    """Nothing of its own."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and say how it ended, as an exit code."""
    try:
        _require_folder()
        words = sys.argv[1:] if arguments is None else list(arguments)
        code = flowc.main(args=words, prog_name="flowc", standalone_mode=False, obj=tuple(words))
        sys.stdout.flush()
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.ClickException as error:
        _show_usage_error(error)
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        _forget_output()
        return 141
    except MemoryError:
        _complain("flowc: memory ran out: raise the limit (`ulimit -v`, or the container's)")
        return 2
    except Exception as error:
        if _is_full_output(error):
            _forget_output()
            _complain(f"flowc: the output cannot be written: {error.strerror}")
            return 2
        if os.environ.get("FLOWC_DEBUG"):
            raise
        _report(error)
        return 2
    return code if isinstance(code, int) else 0


def _require_folder() -> None:
    """A usage error where the folder that the command was started in was removed: no path means anything there."""
    try:
        os.getcwd()
    except FileNotFoundError:
        raise click.UsageError("the working folder was removed; go to one that is there") from None


def _show_usage_error(error: click.ClickException) -> None:
    message = error.format_message()
    first = message[:1] if message[1:2].isupper() else message[:1].lower()  # `AWS` stays as it is
    ctx = getattr(error, "ctx", None)
    hint = "" if ctx is None else f"\ntry `{ctx.command_path} --help`"
    _complain(f"flowc: {first}{message[1:]}{hint}")


def _report(error: Exception) -> None:
    try:
        from flowc.cli.crash import report_crash

        report_crash(error)
    except Exception as second:  # noqa: BLE001 - there may be no memory or no file left to say more with
        _complain(f"flowc: failed with {error!r}, which cannot be reported: {second!r}")


def _complain(message: str) -> None:
    """Say it on standard error, where that takes it: the exit code tells the rest."""
    with contextlib.suppress(OSError):
        click.echo(message, err=True)


def _is_full_output(error: Exception) -> TypeGuard[OSError]:
    """Whether a stream could not be written to. It has no name; a file that has one is told of where it is written."""
    return isinstance(error, OSError) and error.filename is None and error.errno in _FULL


def _forget_output() -> None:
    """Whoever read the output is gone: what is left in the buffer must not fail at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
