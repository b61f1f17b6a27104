"""The words of a command line that mixes flowc's options with those of a flow.

Which options a flow has is known only when its file was read, and which word is the file only when
the options are known. So the words are split by flowc's own options alone: any other option takes
the next word as its value, as every parameter of a flow does, whatever that word begins with.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Given(NamedTuple):
    """An option that is none of flowc's, with its value; `joined` by `=`; None where no word was left."""

    option: str
    value: str | None
    joined: bool = False


class Words(NamedTuple):
    """`own`: flowc's options with their values, as written; `others` in order; `plain`: neither."""

    own: list[str]
    others: list[Given]
    plain: list[str]


def arities(options: Iterable[click.Parameter]) -> dict[str, int]:
    """How many words follow each spelling of each option."""
    return {
        spelling: 0 if option.is_flag or option.count else option.nargs
        for option in options
        if isinstance(option, click.Option)
        for spelling in (*option.opts, *option.secondary_opts)
    }


def split_words(arguments: Sequence[str], own: Mapping[str, int]) -> Words:
    """Split the words of a command; `own` are flowc's options and how many words follow each.

    A usage error where one of them lacks its value.
    """
    found = Words([], [], [])
    rest = list(reversed(arguments))
    while rest:
        word = rest.pop()
        option, equals, value = word.partition("=")
        if word == "--":
            found.plain.extend(reversed(rest))
            break
        if option in own:
            count = 0 if equals else own[option]
            if count > len(rest):
                raise click.UsageError(f"`{option}` needs {'a value' if count == 1 else f'{count} values'}")
            found.own.extend([word, *(rest.pop() for _ in range(count))])
        elif not word.startswith("-") or word == "-":
            found.plain.append(word)
        elif equals:
            found.others.append(Given(option, value, joined=True))
        else:
            found.others.append(Given(word, rest.pop() if rest else None))
    return found if found.plain else _with_file(found)


def _with_file(words: Words) -> Words:
    """Where no word is left for the file, the one that an option took is it: `--quite flow.py`."""
    for at in reversed(range(len(words.others))):
        option, value, joined = words.others[at]
        if value is not None and not joined and (value.endswith(".py") or os.path.isfile(value)):
            words.others[at] = Given(option, None)
            words.plain.append(value)
            break
    return words
