"""Cron expressions: both dialects, one meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowc.manifest.cron import Cron, Unsaid, parse_cron, to_aws, to_unix


def say(text: str) -> tuple[str, str]:
    """An expression in both dialects, or why it is not one."""
    cron = parse_cron(text)
    if isinstance(cron, Unsaid):
        return "invalid", cron.reason
    unix, aws = to_unix(cron), to_aws(cron)
    return (f"no: {unix.reason}" if isinstance(unix, Unsaid) else unix), (
        f"no: {aws.reason}" if isinstance(aws, Unsaid) else aws
    )


@pytest.mark.parametrize(
    ("written", "unix", "aws"),
    [
        ("0 2 * * *", "0 2 * * *", "0 2 * * ? *"),
        ("*/15 8-18 * * mon-fri", "*/15 8-18 * * 1-5", "0/15 8-18 ? * MON-FRI *"),
        ("0 0 * * 0", "0 0 * * 0", "0 0 ? * SUN *"),
        ("0 0 * * 7", "0 0 * * 0", "0 0 ? * SUN *"),
        ("0 0 * * 5-7", "0 0 * * 0,5,6", "0 0 ? * SUN,FRI,SAT *"),
        ("0 0 * * fri-mon", "0 0 * * 0,1,5,6", "0 0 ? * SUN,MON,FRI,SAT *"),
        ("0 0 * * *,3", "0 0 * * *", "0 0 * * ? *"),
        ("0 0 * * 0-6", "0 0 * * *", "0 0 * * ? *"),
        ("0 22-2 * * *", "0 0-2,22,23 * * *", "0 0-2,22,23 * * ? *"),
        ("5/20 1 1 jan,jul ?", "5,25,45 1 1 1,7 *", "5,25,45 1 1 1,7 ? *"),
        ("0 0 13 * 5", "0 0 13 * 5", "no: it restricts both the day of the month and the day of the week"),
        ("@daily", "0 0 * * *", "0 0 * * ? *"),
        ("@weekly", "0 0 * * 0", "0 0 ? * SUN *"),
        ("0 10 ? * 2-6 *", "0 10 * * 1-5", "0 10 ? * MON-FRI *"),
        ("0 10 * * ? *", "0 10 * * *", "0 10 * * ? *"),
        ("0 10 * * * *", "0 10 * * *", "0 10 * * ? *"),
        ("0 10 ? * SAT-SUN *", "0 10 * * 0,6", "0 10 ? * SUN,SAT *"),
        ("0 10 L * ? *", "no: it uses `L`, which only AWS cron has", "0 10 L * ? *"),
        ("0 10 15W * ? *", "no: it uses `15W`, which only AWS cron has", "0 10 15W * ? *"),
        ("0 10 ? * 6#3 *", "no: it uses `6#3`, which only AWS cron has", "0 10 ? * 6#3 *"),
        ("0 10 1 1 ? 2027-2029", "no: it names a year", "0 10 1 1 ? 2027-2029"),
        ("0 10 1 1 ? 2027/2", "no: it names a year", "0 10 1 1 ? 2027/2"),
        ("0 10 1 * mon *", "invalid", "AWS cron takes one of the two day fields, the other is `?`"),
        ("0 10 * *", "invalid", "it has 4 fields, where Unix cron has 5 and AWS cron has 6"),
        ("", "invalid", "it has 0 fields, where Unix cron has 5 and AWS cron has 6"),
        ("60 * * * *", "invalid", "`60` is no minute: 0 to 59"),
        ("* * * foo *", "invalid", "`FOO` is no month"),
        ("* * 0 * *", "invalid", "`0` is no day of the month: 1 to 31"),
        ("*/0 * * * *", "invalid", "`*/0` steps by 0"),
        ("1, * * * *", "invalid", "`` is no minute"),
        ("? * * * *", "invalid", "`?` is no minute"),
        ("0 0 L * *", "invalid", "`L` is AWS cron, which has six fields"),
        ("0 0 ? * 0 *", "invalid", "`0` is no day of the week: 1 to 7"),
    ],
)  # fmt: skip
def test_dialects(written: str, unix: str, aws: str) -> None:
    assert say(written) == (unix, aws)


def fields(low: int, high: int) -> st.SearchStrategy[frozenset[int] | None]:
    return st.none() | st.frozensets(st.integers(low, high), min_size=1, max_size=high - low)


CRONS = st.builds(
    Cron,
    minutes=fields(0, 59),
    hours=fields(0, 23),
    days=fields(1, 31),
    months=fields(1, 12),
    weekdays=fields(0, 6),
)


@given(cron=CRONS)
def test_what_is_said_means_the_same(cron: Cron) -> None:
    unix, aws = to_unix(cron), to_aws(cron)
    assert isinstance(unix, str)
    assert parse_cron(unix) == cron
    if isinstance(aws, str):
        assert parse_cron(aws) == cron
    else:
        assert cron.days is not None
        assert cron.weekdays is not None


@given(text=st.text("0123456789*/,-?LW#@ MONJA", max_size=30))
def test_no_text_is_too_odd(text: str) -> None:
    assert isinstance(parse_cron(text), Cron | Unsaid)
