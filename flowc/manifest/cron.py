"""Cron expressions: read in either dialect, said in either, or a reason why not.

Five fields are Unix (weekdays 0–7 from Sunday, both day fields joined by "or"); six are AWS
(weekdays 1–7 from Sunday, a year, exactly one day field). Both become one meaning: the sets of
minutes, hours, days, months and weekdays at which it fires, from which each dialect is written
anew. `L`, `W`, `#` and years exist in AWS alone and are kept as written.

Invariant: what is translated fires at the same times as what was written.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from flowc.records import dataclass

_MONTHS = {name: i for i, name in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)}
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_AWS_DAY = re.compile(r"L|LW|L-[0-9]{1,2}|[0-9]{1,2}W")
_AWS_WEEKDAY = re.compile(r"L|(?:[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)(?:L|#[1-5])")
_ITEM = re.compile(r"(?P<first>\*|[A-Z0-9]+)(?:-(?P<last>[A-Z0-9]+))?(?:/(?P<step>[0-9]+))?")

Numbers: TypeAlias = "frozenset[int] | None"  # None: every one


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Why an expression is invalid, or why a dialect cannot say it: a clause for a message."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """When a schedule fires; weekdays are 0–6 from Sunday.

    `days_as_written` and `weekdays_as_written` hold an AWS field with `L`, `W` or `#`; then its
    set is None. With both `days` and `weekdays` either of them fires.
    """

    minutes: Numbers
    hours: Numbers
    days: Numbers
    months: Numbers
    weekdays: Numbers
    years: str | None = None  # as written; None: every year
    days_as_written: str | None = None
    weekdays_as_written: str | None = None


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: dict[str, int]


_MINUTE = _Field("minute", 0, 59, {})
_HOUR = _Field("hour", 0, 23, {})
_DAY = _Field("day of the month", 1, 31, {})
_MONTH = _Field("month", 1, 12, _MONTHS)
_UNIX_WEEKDAY = _Field("day of the week", 0, 7, {name: i for i, name in enumerate(_DAYS)})
_AWS_WEEKDAYS = _Field("day of the week", 1, 7, {name: i for i, name in enumerate(_DAYS, 1)})
_YEAR = _Field("year", 1970, 2199, {})


class _InvalidError(Exception):
    """Ends the reading of one expression; never leaves this module."""


def parse_cron(text: str) -> Cron | Unsaid:
    """Read an expression of five or six fields, or a macro such as `@daily`."""
    words = _MACROS.get(text.strip().lower(), text).upper().split()
    try:
        if len(words) == 5:
            return _unix(words)
        if len(words) == 6:
            return _aws(words)
    except _InvalidError as fault:
        return Unsaid(str(fault))
    fields = f"it has {len(words)} field{'' if len(words) == 1 else 's'}"
    return Unsaid(f"{fields}, where Unix cron has 5 and AWS cron has 6")


def to_unix(cron: Cron) -> str | Unsaid:
    """The five fields that Argo reads."""
    if cron.years is not None:
        return Unsaid("it names a year")
    written = cron.days_as_written or cron.weekdays_as_written
    if written is not None:
        return Unsaid(f"it uses `{written}`, which only AWS cron has")
    fields = (
        _say(cron.minutes, _MINUTE, "*/{1}"),
        _say(cron.hours, _HOUR, "*/{1}"),
        _say(cron.days, _DAY, "*/{1}"),
        _say(cron.months, _MONTH, "*/{1}"),
        _say(cron.weekdays, _Field("", 0, 6, {}), "*/{1}"),
    )
    return " ".join(fields)


def to_aws(cron: Cron) -> str | Unsaid:
    """The six fields between the brackets of EventBridge's `cron(…)`."""
    days = cron.days_as_written or _say(cron.days, _DAY, "{0}/{1}")
    weekdays = cron.weekdays_as_written or _weekday_names(cron.weekdays)
    if days != "*" and weekdays != "*":
        return Unsaid("it restricts both the day of the month and the day of the week")
    fields = (
        _say(cron.minutes, _MINUTE, "{0}/{1}"),
        _say(cron.hours, _HOUR, "{0}/{1}"),
        "?" if weekdays != "*" else days,
        _say(cron.months, _MONTH, "{0}/{1}"),
        weekdays if weekdays != "*" else "?",
        cron.years or "*",
    )
    return " ".join(fields)


# ------------------------------------------------------------------------------------ reading
def _unix(words: list[str]) -> Cron:
    minute, hour, day, month, weekday = words
    for word in words:
        if re.search(r"#|\bL\b|[0-9][LW]\b", word):
            raise _InvalidError(f"`{word}` is AWS cron, which has six fields")
    named = _numbers(weekday, _UNIX_WEEKDAY, blank=True)
    weekdays = None if named is None else frozenset(number % 7 for number in named)
    return Cron(
        minutes=_numbers(minute, _MINUTE),
        hours=_numbers(hour, _HOUR),
        days=_numbers(day, _DAY, blank=True),
        months=_numbers(month, _MONTH),
        weekdays=None if weekdays == frozenset(range(7)) else weekdays,
    )


def _aws(words: list[str]) -> Cron:
    minute, hour, day, month, weekday, year = words
    if day not in "*?" and weekday not in "*?":
        raise _InvalidError("AWS cron takes one of the two day fields, the other is `?`")
    special_day = bool(_AWS_DAY.fullmatch(day))
    special_weekday = bool(_AWS_WEEKDAY.fullmatch(weekday))
    named = None if special_weekday else _numbers(weekday, _AWS_WEEKDAYS, blank=True)
    return Cron(
        minutes=_numbers(minute, _MINUTE),
        hours=_numbers(hour, _HOUR),
        days=None if special_day else _numbers(day, _DAY, blank=True),
        months=_numbers(month, _MONTH),
        weekdays=None if named is None else frozenset(number - 1 for number in named),
        years=None if _numbers(year, _YEAR) is None else year,
        days_as_written=day if special_day else None,
        weekdays_as_written=weekday if special_weekday else None,
    )


def _numbers(text: str, field: _Field, *, blank: bool = False) -> Numbers:
    """The numbers that a field names; None for all of them. `blank`: the field may be `?`."""
    if text == "*" or (blank and text == "?"):
        return None
    found: set[int] = set()
    for item in text.split(","):
        match = _ITEM.fullmatch(item)
        if match is None or (match["first"] == "*" and match["last"]):
            raise _InvalidError(f"`{item}` is no {field.name}")
        found.update(_range(match, field))
    return None if found == set(range(field.low, field.high + 1)) else frozenset(found)


def _range(match: re.Match[str], field: _Field) -> list[int]:
    step = int(match["step"] or 1)
    if step < 1:
        raise _InvalidError(f"`{match[0]}` steps by 0")
    if match["first"] == "*":
        return list(range(field.low, field.high + 1, step))
    first = _number(match["first"], field)
    # `5/10` goes on to the end of the field, `5` stands for itself.
    last = _number(match["last"], field) if match["last"] else field.high if match["step"] else first
    if first <= last:
        return list(range(first, last + 1, step))
    # FRI-MON and 22-2 go round: Unix weekdays count Sunday twice, as 0 and as 7.
    high = 6 if field is _UNIX_WEEKDAY else field.high
    return [*range(first, high + 1), *range(field.low, last + 1)][::step]


def _number(word: str, field: _Field) -> int:
    number = field.names.get(word)
    if number is None:
        if not word.isdigit():
            raise _InvalidError(f"`{word}` is no {field.name}")
        number = int(word)
    if not field.low <= number <= field.high:
        raise _InvalidError(f"`{word}` is no {field.name}: {field.low} to {field.high}")
    return number


# ------------------------------------------------------------------------------------ writing
def _say(numbers: Numbers, field: _Field, stepped: str) -> str:
    """A field as `*`, a step from its lowest number, or a list of numbers and ranges."""
    if numbers is None:
        return "*"
    ordered = sorted(numbers)
    if len(ordered) > 2:
        step = ordered[1] - ordered[0]
        if step > 1 and ordered == list(range(field.low, field.high + 1, step)):
            return stepped.format(field.low, step)
    return ",".join(_run(first, last) for first, last in _runs(ordered))


def _weekday_names(weekdays: Numbers) -> str:
    if weekdays is None:
        return "*"
    runs = _runs(sorted(weekdays))
    return ",".join(_DAYS[a] if a == b else f"{_DAYS[a]}-{_DAYS[b]}" for a, b in runs)


def _runs(ordered: list[int]) -> list[tuple[int, int]]:
    """Maximal runs of at least three numbers; what is shorter stays single."""
    runs: list[tuple[int, int]] = []
    for number in ordered:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    single = [(n, n) for first, last in runs if last == first + 1 for n in (first, last)]
    return sorted([run for run in runs if run[1] != run[0] + 1] + single)


def _run(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
