"""Places are handed out in order, never more than there are, and whoever has some is never kept waiting."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from flowc.local.places import Places

if TYPE_CHECKING:
    from collections.abc import Sequence


def check(count: int, script: str, expected: str) -> None:
    """Carry out the words of a script and compare who has places after each.

    `a3` asks for three places as `a`, `-a` gives them back or asks no more.
    """
    assert asyncio.run(_holders(count, script.split())) == expected.split()


async def _holders(count: int, words: Sequence[str]) -> list[str]:
    places = Places(count)
    holding: list[str] = []
    askers: dict[str, asyncio.Task[None]] = {}
    found: list[str] = []
    for word in words:
        if word.startswith("-"):
            askers.pop(word[1:]).cancel()
        else:
            askers[word[0]] = asyncio.ensure_future(_hold(places, word[0], int(word[1:]), holding))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        found.append("".join(sorted(holding)) or ".")
    for asker in askers.values():
        asker.cancel()
    await asyncio.gather(*askers.values(), return_exceptions=True)
    return found


async def _hold(places: Places, name: str, count: int, holding: list[str]) -> None:
    async with places.take(count):
        holding.append(name)
        try:
            await asyncio.sleep(1000)
        finally:
            holding.remove(name)


def test_one_who_asks_for_many_is_not_passed_over() -> None:
    check(3, "a2 b2 c1 -a -b", "a a a bc c")


def test_none_is_had_at_once() -> None:
    check(3, "a2 b2 c0", "a a ac")


def test_one_who_asks_no_more_makes_room() -> None:
    check(3, "a2 b2 c1 -b", "a a a ac")


@given(
    st.integers(2, 6),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3), st.integers(0, 3)), max_size=12),
)
def test_all_get_their_turn(count: int, asked: list[tuple[int, int, int]]) -> None:
    """(places, rounds that they are held, rounds after which the asker gives up, 0 for never) each."""

    async def run() -> None:
        places = Places(count)
        held = [0]

        async def one(many: int, rounds: int) -> None:
            async with places.take(many):
                held[0] += many
                assert held[0] <= count
                for _ in range(rounds):
                    await asyncio.sleep(0)
                held[0] -= many

        askers = [asyncio.ensure_future(one(min(many, count), rounds)) for many, rounds, _ in asked]
        for patience in range(1, 4):
            await asyncio.sleep(0)
            for asker, (_, rounds, given_up) in zip(askers, asked, strict=True):
                if given_up == patience and rounds == 0:
                    asker.cancel()
        async with asyncio.timeout(5):
            await asyncio.gather(*askers, return_exceptions=True)
            async with places.take(count):
                assert held == [0]

    asyncio.run(run())
