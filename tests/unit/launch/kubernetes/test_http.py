"""Answers come whole however the network cuts them, and one that is cut short is known for it."""

from __future__ import annotations

import asyncio
import itertools

from hypothesis import given
from hypothesis import strategies as st

from flowc.launch.kubernetes.http import Broken, Reply, _reply


async def _read(pieces: list[bytes]) -> bytes:
    reader = asyncio.StreamReader()
    for piece in pieces:
        reader.feed_data(piece)
    reader.feed_eof()
    reply: Reply = await _reply(reader)
    return b"".join([chunk async for chunk in reply.chunks()])


def read(pieces: list[bytes]) -> bytes | None:
    """The body; None where it is broken."""
    try:
        return asyncio.run(_read(pieces))
    except Broken:
        return None


def chunked(body: list[bytes]) -> bytes:
    parts = [f"{len(part):x};note=1\r\n".encode() + part + b"\r\n" for part in body if part]
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(parts) + b"0\r\n\r\n"


def sized(body: list[bytes]) -> bytes:
    whole = b"".join(body)
    return f"HTTP/1.1 200 OK\r\ncontent-length: {len(whole)}\r\n\r\n".encode() + whole


BODIES = st.lists(st.binary(max_size=40), max_size=6)


@given(body=BODIES, form=st.sampled_from([chunked, sized]), cuts=st.lists(st.integers(0, 400), max_size=8))
def test_cuts_are_no_matter(body: list[bytes], form: object, cuts: list[int]) -> None:
    whole = form(body)  # type: ignore[operator]
    places = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    assert read([whole[a:b] for a, b in itertools.pairwise(places)]) == b"".join(body)


@given(body=BODIES.filter(any), form=st.sampled_from([chunked, sized]), data=st.data())
def test_what_is_cut_short_is_broken(body: list[bytes], form: object, data: st.DataObject) -> None:
    whole = form(body)  # type: ignore[operator]
    end = whole.rindex(b"0\r\n\r\n") if form is chunked else len(whole) - 1
    assert read([whole[: data.draw(st.integers(0, end))]]) is None
