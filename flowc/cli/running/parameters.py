"""A flow's parameters as options: their values from words, and what help says of them.

Every value is checked before anything starts; what only the run can compute (a default that is a
function) is left to it. A value is passed on in its own type, text where the type is text: JSON,
lists and files are read by the run itself.

Invariant: nothing of the flow is imported; all that is known of a parameter is the program's.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, NamedTuple

import click

from flowc.contract import FALSE_WORDS, TRUE_WORDS
from flowc.diagnostics.render.cells import plain
from flowc.diagnostics.suggest import nearest
from flowc.diagnostics.wording import shortened
from flowc.ir.params import ParameterType
from flowc.ir.values import Const

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from flowc.cli.running.words import Given
    from flowc.ir.params import Parameter

_VARIABLE = "METAFLOW_RUN_"  # as Metaflow reads them
_SHOWN = 61  # characters of a wrong value that a message repeats, the last of which says that it goes on


class Wanted(NamedTuple):
    """A type's name in help, what a message says it takes, and the value of a text (ValueError)."""

    metavar: str
    what: str
    read: Callable[[str], object]


def parameter_values(
    parameters: Collection[Parameter],
    given: Sequence[Given],
    environ: Mapping[str, str],
    own_options: Iterable[str],
    flow_folder: str,
) -> dict[str, object]:
    """The values that the words and the variables give, by name; a usage error that says all that is wrong.

    `flow_folder` is where the path of an included file is looked for after the working folder.
    """
    known = {spelling: p for p in parameters for spelling in spellings(p.name)}
    faults: list[str] = []
    values: dict[str, object] = {}
    for option, text, _ in given:
        parameter = known.get(option)
        if parameter is None:
            faults.append(_unknown(option, [*known, *own_options]))
        elif text is None:
            faults.append(f"`{option}` needs a value: {_wanted(parameter, flow_folder).what}")
        elif parameter.name in values:
            faults.append(f"`--{parameter.name}` is given twice")
        else:
            _read(parameter, text, f"`{option}`", flow_folder, values, faults)
    for parameter in parameters:
        variable = _VARIABLE + parameter.name.replace("-", "_").upper()
        text = None if parameter.name in values else _variable(environ, variable)
        if text:
            _read(parameter, text, f"the variable {variable}", flow_folder, values, faults)
    if not faults:
        faults = [_missing(p, flow_folder) for p in parameters if p.required and p.name not in values]
    if faults:
        raise click.UsageError("\n       ".join(dict.fromkeys(faults)))
    return values


def _variable(environ: Mapping[str, str], name: str) -> str | None:
    try:
        return environ.get(name)
    except UnicodeEncodeError:  # in this machine's locale there can be none of this name
        return None


def _read(
    parameter: Parameter, text: str, subject: str, folder: str, values: dict[str, object], faults: list[str]
) -> None:
    wanted = _wanted(parameter, folder)
    values[parameter.name] = None
    try:
        values[parameter.name] = wanted.read(text)
    except (ValueError, RecursionError) as error:
        why = f": {error}" if isinstance(error, _BecauseError) else ""
        faults.append(f"{subject} takes {wanted.what}, not {_shown(text)}{why}")


def spellings(name: str) -> Iterator[str]:
    """`--max_depth` may be written `--max-depth` too."""
    yield f"--{name}"
    if "_" in name:
        yield f"--{name.replace('_', '-')}"


def _unknown(option: str, known: Sequence[str]) -> str:
    near = nearest(option, known)
    hint = f"; did you mean `{near}`?" if near else ""
    return f"neither flowc nor the flow has an option `{plain(option)}`{hint}"


def _missing(parameter: Parameter, folder: str) -> str:
    return f"the flow's parameter `--{parameter.name}` is required: {_wanted(parameter, folder).what}"


def _shown(text: str) -> str:
    return f"`{plain(shortened(text, _SHOWN))}`" if text else "an empty text"


# --------------------------------------------------------------------------- types
class _BecauseError(ValueError):
    """A value that does not fit, where more can be said than that."""


def _wanted(parameter: Parameter, folder: str) -> Wanted:
    match parameter.type:
        case ParameterType.STR:
            return Wanted("TEXT", "a text", str)
        case ParameterType.INT:
            return Wanted("INTEGER", "a whole number", int)
        case ParameterType.FLOAT:
            return Wanted("FLOAT", "a number", float)
        case ParameterType.BOOL:
            return Wanted("BOOLEAN", "`true` or `false`", _flag)
        case ParameterType.JSON:
            return Wanted("JSON", "JSON", _json)
        case ParameterType.LIST:
            return Wanted("LIST", f"texts separated by `{parameter.separator}`", str)
        case ParameterType.FILE:
            return Wanted("FILE", "the path of a file", lambda text: _file(text, folder))


def _flag(text: str) -> bool:
    word = text.strip().lower()
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise ValueError
    return word in TRUE_WORDS


def _json(text: str) -> str:
    try:
        json.loads(text)
    except ValueError as error:
        raise _BecauseError(str(error)) from None
    return text


def _file(text: str, folder: str) -> str:
    """The file's absolute path: tasks work elsewhere than the command does."""
    if text.startswith("s3://"):
        return text
    for path in (text, os.path.join(folder, text)):
        if os.path.isfile(path):
            return os.path.abspath(path)
    raise _BecauseError("it is a folder" if os.path.isdir(text) else "there is no such file")


# --------------------------------------------------------------------------- help
def help_rows(parameters: Iterable[Parameter]) -> list[tuple[str, str]]:
    """The options and their descriptions, as click lays out definition lists."""
    return [(f"--{p.name} {_wanted(p, '').metavar}", _description(p)) for p in parameters]


def _description(parameter: Parameter) -> str:
    if parameter.required:
        fact = "[required]"
    elif parameter.callable_default:
        fact = "[default: computed when the run starts]"
    elif isinstance(parameter.default, Const) and parameter.default.value is not None:
        fact = f"[default: {_default(parameter.default.value)}]"
    else:
        fact = ""
    return "  ".join(part for part in (plain(" ".join(parameter.help.split())), fact) if part)


def _default(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return plain(shortened(text, _SHOWN)) or '""'
