"""A value's frame: what goes in comes out, and no buffer is copied on the way."""

from __future__ import annotations

import datetime as dt
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from flowc.runtime.artifacts.frame import ALIGNMENT, frame, unframe

if TYPE_CHECKING:
    from collections.abc import Callable

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.binary().map(bytearray)
    | st.datetimes()
)
plain = st.recursive(
    leaves,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
dtypes = (
    arrays.scalar_dtypes()
    | arrays.array_dtypes()
    | arrays.datetime64_dtypes()
    | arrays.timedelta64_dtypes()
    | arrays.unicode_string_dtypes(min_len=1)
)
shapes = arrays.array_shapes(min_dims=0, min_side=0, max_side=5)


class Matrix(np.ndarray[Any, Any]):
    """A subclass, as users have them."""


class Buffer:
    """A value that hands its memory out of band, as arrays do."""

    def __init__(self, content: bytes | bytearray | memoryview) -> None:
        self.content = content

    def __reduce_ex__(self, _protocol: object) -> tuple[object, ...]:
        return Buffer, (pickle.PickleBuffer(self.content),)


def framed(value: object) -> bytearray:
    return bytearray(b"".join(frame(value)))


@given(plain)
def test_a_value_comes_back(value: object) -> None:
    assert unframe(framed(value)) == value


@given(st.lists(st.binary(max_size=200), max_size=4))
def test_buffers_come_back_at_multiples_of_the_alignment(contents: list[bytes]) -> None:
    content = framed([Buffer(bytearray(c)) for c in contents])
    assert [bytes(buffer.content) for buffer in unframe(content)] == contents
    position = 0
    for piece in frame([Buffer(bytearray(c)) for c in contents]):
        assert isinstance(piece, bytes) or position % ALIGNMENT == 0
        position += len(piece)


@given(arrays.arrays(dtypes, shapes), st.sampled_from(["as it is", "turned", "every other", "subclass"]))
def test_an_array_comes_back(array: np.ndarray[Any, Any], how: str) -> None:
    forms: dict[str, Callable[[Any], Any]] = {
        "as it is": lambda a: a,
        "turned": np.transpose,
        "every other": lambda a: a[::2] if a.ndim else a,
        "subclass": lambda a: a.view(Matrix),
    }
    value = forms[how](array)
    back = unframe(framed({"deep": [value]}))["deep"][0]
    # numpy itself forgets the byte order of some.
    copy = pickle.loads(pickle.dumps(value, 5))  # noqa: S301 - made here
    assert (type(back), back.dtype, back.shape) == (type(value), copy.dtype, value.shape)
    assert back.tobytes() == copy.tobytes()


def test_an_array_of_objects_comes_back() -> None:
    value = np.array([{"a": 1}, None, "text", dt.date(2026, 1, 1)], dtype=object)
    np.testing.assert_array_equal(unframe(framed(value)), value)


def test_one_array_named_twice_stays_one() -> None:
    array = np.arange(5)
    first, second = unframe(framed((array, array)))
    assert first is second


@pytest.mark.parametrize(
    "value", [np.zeros(1 << 17), b"x" * (1 << 20), bytearray(1 << 20)], ids=lambda v: type(v).__name__
)
def test_the_long_pieces_are_the_value_itself(value: np.ndarray[Any, Any] | bytes) -> None:
    long = [piece for piece in frame(value) if len(piece) > 1 << 18]
    assert len(long) == 1
    assert np.shares_memory(np.frombuffer(long[0], np.uint8), np.frombuffer(value, np.uint8))


def test_a_loaded_array_can_be_written_to_if_it_could_be_before() -> None:
    fixed = np.arange(3)
    fixed.flags.writeable = False
    free, kept = unframe(framed((np.arange(3), fixed)))
    assert (free.flags.writeable, kept.flags.writeable) == (True, False)


@pytest.mark.parametrize(
    "content", [b"", b"FLOWC1\n\0", b"PK\3\4" + bytes(100), b"FLOWC1\n\0" + b"\xff" * 16]
)
def test_what_is_no_frame_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="artifact"):
        unframe(content)


@given(st.data())
def test_a_frame_that_ends_early_is_never_a_value(data: st.DataObject) -> None:
    content = framed([Buffer(bytearray(b"x" * 100)), "text"])
    with pytest.raises(Exception, match=r".+"):
        unframe(content[: data.draw(st.integers(0, len(content) - 1))])
