"""Frozen dataclasses that cost nothing to define.

The standard `dataclass` writes the source of each method and compiles it, for every class anew: half
of the compiler's start went there. Here the methods are shared closures over the fields' slots.
Type checkers see the standard decorator, and the classes made here behave like
`@dataclass(frozen=True, slots=True)`: construction, equality, hash, repr, positional patterns,
pickling, `dataclasses.replace` and `dataclasses.fields`.

Invariant: a record's class has no base with fields, and no field changes after construction.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from dataclasses import dataclass, field, fields, replace

    Store = Callable[[object, object], None]
    Key = Callable[[object], object]

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
    """A copy with some fields changed."""
    names: tuple[str, ...] = record.__slots__  # type: ignore[attr-defined]
    return record.__class__(**({name: getattr(record, name) for name in names} | changes))


def _fields(record: object) -> object:
    """The fields, as the standard library describes them."""
    from dataclasses import fields as standard_fields

    return standard_fields(record)  # type: ignore[arg-type]


def _build(cls: type, *, kw_only: bool, eq: bool, shows: bool) -> type:
    """The class with slots for its fields and the methods of a record."""
    annotations: Mapping[str, object] = cls.__annotations__
    names = tuple(annotations)
    defaults = {name: cls.__dict__[name] for name in names if name in cls.__dict__}
    dropped = {*defaults, "__dict__", "__weakref__"}
    body = {name: value for name, value in cls.__dict__.items() if name not in dropped}
    body |= {
        "__qualname__": cls.__qualname__,
        "__slots__": names,
        "__match_args__": () if kw_only else names,
        "__setattr__": _refuse,
        "__delattr__": _refuse,
        "__getstate__": _get_state,
        "__dataclass_fields__": _StandardFields(annotations, defaults, kw_only=kw_only),
    }
    if eq:
        key: Key = attrgetter(*names) if names else type
        body |= {"__eq__": _equality(key), "__hash__": _hashing(key)}
    if shows:
        body["__repr__"] = _show
    made: type = type(cls)(cls.__name__, cls.__bases__, body)
    stores = tuple(made.__dict__[name].__set__ for name in names)
    type.__setattr__(made, "__init__", _constructor(names, stores, defaults, 0 if kw_only else len(names)))
    type.__setattr__(made, "__setstate__", _set_state(stores))
    return made


def _constructor(
    names: tuple[str, ...], stores: tuple[Store, ...], defaults: Mapping[str, object], positional: int
) -> Callable[..., None]:
    rest = tuple(
        (name, store, defaults.get(name, _MISSING)) for name, store in zip(names, stores, strict=True)
    )

    def __init__(self: object, *values: object, **named: object) -> None:  # noqa: N807 - becomes the class's own
        given = len(values)
        if given > positional:
            raise TypeError(f"{self.__class__.__name__} takes {positional} positional values, not {given}")
        for store, value in zip(stores, values):  # noqa: B905 - the rest is named or defaulted
            store(self, value)
        for name, store, default in rest[given:]:
            value = named.pop(name, default)
            if value is default:
                if value is _MISSING:
                    raise TypeError(f"{self.__class__.__name__} needs `{name}`")
                if isinstance(value, _Factory):
                    value = value.make()
            store(self, value)
        if named:
            raise TypeError(f"{self.__class__.__name__} has no field {', '.join(named)} left to set")

    return __init__


def _equality(key: Key) -> Callable[[object, object], bool]:
    def __eq__(self: object, other: object) -> bool:  # noqa: N807 - becomes the class's own
        if other.__class__ is self.__class__:
            return key(self) == key(other)
        return NotImplemented

    return __eq__


def _hashing(key: Key) -> Callable[[object], int]:
    def __hash__(self: object) -> int:  # noqa: N807 - becomes the class's own
        return hash(key(self))

    return __hash__


def _show(self: object) -> str:
    values = _get_state(self)
    names: tuple[str, ...] = self.__slots__  # type: ignore[attr-defined]
    shown = ", ".join(f"{name}={value!r}" for name, value in zip(names, values, strict=True))
    return f"{self.__class__.__qualname__}({shown})"


def _refuse(_self: object, name: str, *_value: object) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot change field {name!r}")


def _get_state(self: object) -> list[object]:
    names: tuple[str, ...] = self.__slots__  # type: ignore[attr-defined]
    return [getattr(self, name) for name in names]


def _set_state(stores: tuple[Store, ...]) -> Callable[[object, list[object]], None]:
    def __setstate__(self: object, state: list[object]) -> None:  # noqa: N807 - becomes the class's own
        for store, value in zip(stores, state, strict=True):
            store(self, value)

    return __setstate__


class _StandardFields:
    """`__dataclass_fields__`, made by the standard library when it first asks."""

    __slots__ = ("annotations", "defaults", "kw_only")

    def __init__(
        self, annotations: Mapping[str, object], defaults: Mapping[str, object], *, kw_only: bool
    ) -> None:
        self.annotations = annotations
        self.defaults = defaults
        self.kw_only = kw_only

    def __get__(self, _instance: object, owner: type) -> object:
        """The fields of a standard dataclass with the same annotations and defaults."""
        import dataclasses

        body: dict[str, object] = {"__annotations__": dict(self.annotations)}
        for name, value in self.defaults.items():
            body[name] = (
                dataclasses.field(default_factory=value.make) if isinstance(value, _Factory) else value
            )
        twin: type = dataclasses.dataclass(kw_only=self.kw_only)(type(owner.__name__, (), body))
        return twin.__dict__["__dataclass_fields__"]


if not TYPE_CHECKING:
    dataclass, field, fields, replace = _dataclass, _field, _fields, _replace

__all__ = ["dataclass", "field", "fields", "replace"]
