"""Frozen dataclasses that cost nothing to define.

The standard `dataclass` writes the source of each method and compiles it, for every class anew: half
of the compiler's start went there (docs/decisions/0004-own-records.md). Here the methods are shared
closures over the fields' slots. Type checkers see the standard decorator, and the classes made here
behave like `@dataclass(frozen=True, slots=True)`: construction, equality, hash, repr, patterns. The
functions of `dataclasses` do not know them; `replace` is here.

Invariant: a record's class has no base with fields, and no field changes after construction.
"""

from __future__ import annotations

from operator import attrgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from dataclasses import dataclass, field, replace

    Store = Callable[[object, object], None]

_MISSING = object()


class _Factory:
    """A default made anew for each instance."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], object]) -> None:
        self.make = make


def _field(*, default_factory: Callable[[], object]) -> _Factory:
    """The default of a field that each instance has for itself."""
    return _Factory(default_factory)


def _dataclass(
    *, frozen: bool, slots: bool, kw_only: bool = False, eq: bool = True, repr: bool = True  # noqa: A002 - its name
) -> Callable[[type], type]:  # fmt: skip
    """Make a class a record; `frozen` and `slots` are always true, and stand there for readers."""
    if not (frozen and slots):
        raise TypeError("records are frozen and have slots")
    return lambda cls: _build(cls, kw_only=kw_only, eq=eq, shows=repr)


def _replace(record: object, /, **changes: object) -> object:
    """A copy with some fields changed. Raises TypeError for a field that is not there."""
    return record.__class__(**{name: getattr(record, name) for name in _names(record)} | changes)


def overwriter(cls: type, *names: str) -> Callable[..., None]:
    """What changes these fields in place: only for a record that is this process's own copy since it was forked."""
    stores = tuple(cls.__dict__[name].__set__ for name in names)

    def overwrite(record: object, *values: object) -> None:
        for store, value in zip(stores, values):
            store(record, value)

    return overwrite


def _build(cls: type, *, kw_only: bool, eq: bool, shows: bool) -> type:
    """The class anew, with slots for its fields and the methods of a record that it does not define itself."""
    own = dict(cls.__dict__)
    names = tuple(cls.__annotations__)
    defaults = {name: own.pop(name) for name in names if name in own}
    for name in ("__dict__", "__weakref__"):
        own.pop(name, None)
    methods: dict[str, object] = {"__setattr__": _refuse, "__delattr__": _refuse}
    if eq:
        key = attrgetter(*names) if names else type
        methods |= {"__eq__": _equality(key), "__hash__": _hashing(key)}
    if shows:
        methods["__repr__"] = _show
    shape = {
        "__qualname__": cls.__qualname__,
        "__slots__": names,
        "__match_args__": () if kw_only else names,
    }
    made: type = type(cls)(cls.__name__, cls.__bases__, methods | own | shape)
    stores = tuple(made.__dict__[name].__set__ for name in names)
    constructor = _constructor(names, stores, defaults, 0 if kw_only else len(names))
    type.__setattr__(made, "__init__", constructor)
    return made


def _constructor(
    names: tuple[str, ...], stores: tuple[Store, ...], defaults: Mapping[str, object], positional: int
) -> Callable[..., None]:
    """`__init__` of a class whose fields `stores` set; the first `positional` may be given without a name."""
    fields = tuple((n, store, defaults.get(n, _MISSING)) for n, store in zip(names, stores))
    by_name = dict(zip(names, stores))

    def __init__(self: object, *values: object, **named: object) -> None:  # noqa: N807 - becomes the class's own
        given = len(values)
        if given > positional:
            raise TypeError(f"{self.__class__.__name__} takes {positional} positional values, not {given}")
        for store, value in zip(stores, values):
            store(self, value)
        # Nearly all records are made with every value given, in one of the two ways.
        if given == len(fields) and not named:
            return
        if named.keys() == by_name.keys():
            for name, value in named.items():
                by_name[name](self, value)
            return
        for name, store, default in fields[given:]:
            if name in named:
                store(self, named.pop(name))
            elif default is _MISSING:
                raise TypeError(f"{self.__class__.__name__} needs `{name}`")
            else:
                store(self, default.make() if isinstance(default, _Factory) else default)
        if named:
            raise TypeError(f"{self.__class__.__name__} has no field {', '.join(named)} left to set")

    return __init__


def _equality(key: Callable[[object], object]) -> Callable[[object, object], bool]:
    def __eq__(self: object, other: object) -> bool:  # noqa: N807 - becomes the class's own
        if other.__class__ is self.__class__:
            return key(self) == key(other)
        return NotImplemented

    return __eq__


def _hashing(key: Callable[[object], object]) -> Callable[[object], int]:
    def __hash__(self: object) -> int:  # noqa: N807 - becomes the class's own
        return hash(key(self))

    return __hash__


def _show(self: object) -> str:
    shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in _names(self))
    return f"{self.__class__.__qualname__}({shown})"


def _refuse(_self: object, name: str, *_value: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot change field {name!r}")


def _names(record: object) -> tuple[str, ...]:
    """The names of a record's fields."""
    return record.__slots__  # type: ignore[attr-defined, no-any-return]


if not TYPE_CHECKING:
    dataclass, field, replace = _dataclass, _field, _replace

__all__ = ["dataclass", "field", "overwriter", "replace"]
