"""Frozen dataclasses that cost nothing to define.

The standard `dataclass` writes the source of each method and compiles it, for every class anew: two
thirds of the compiler's start went there. Here the methods are shared closures over the fields'
slots. Type checkers see the standard decorator, and the classes made here behave like
`@dataclass(frozen=True, slots=True)`: construction, equality, hash, repr, positional patterns,
pickling, `dataclasses.replace` and `dataclasses.fields`.

Invariant: a record's class has no base with fields, and no field changes after construction.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass, field, fields, replace
else:
    _MISSING = object()

    class _Factory:
        """A default made anew for each instance."""

        __slots__ = ("make",)

        def __init__(self, make):
            self.make = make

    def field(*, default_factory):
        """The default of a field that each instance has for itself."""
        return _Factory(default_factory)

    def dataclass(*, frozen, slots, kw_only=False, eq=True, repr=True):  # noqa: A002 - the standard names
        """Make the class a record; `frozen` and `slots` are always true, and stand there for readers."""
        if not (frozen and slots):
            raise TypeError("records are frozen and have slots")

        def make(cls):
            names = tuple(cls.__dict__.get("__annotations__", ()))
            return _build(cls, names, kw_only=kw_only, eq=eq, shows=repr)

        return make

    def replace(record, /, **changes):
        """A copy with some fields changed."""
        for name in record.__slots__:
            changes.setdefault(name, getattr(record, name))
        return record.__class__(**changes)

    def fields(cls):
        """The fields, as the standard library describes them."""
        import dataclasses

        return dataclasses.fields(cls)

    def _build(cls, names, *, kw_only, eq, shows):
        defaults = {name: cls.__dict__[name] for name in names if name in cls.__dict__}
        body = {k: v for k, v in cls.__dict__.items() if k not in defaults and k not in ("__dict__", "__weakref__")}
        body.update(
            __qualname__=cls.__qualname__,
            __slots__=names,
            __match_args__=() if kw_only else names,
            __setattr__=_refuse,
            __delattr__=_refuse,
            __getstate__=_get_state,
            __dataclass_fields__=_StandardFields(names, defaults, cls.__dict__.get("__annotations__", {}), kw_only),
        )
        if eq:
            key = attrgetter(*names) if names else type
            body.update(__eq__=_equality(key), __hash__=_hashing(key))
        if shows:
            body["__repr__"] = _show
        made = type(cls)(cls.__name__, cls.__bases__, body)
        stores = tuple(made.__dict__[name].__set__ for name in names)
        made.__init__ = _constructor(names, stores, defaults, 0 if kw_only else len(names))
        made.__setstate__ = _set_state(stores)
        return made

    def _constructor(names, stores, defaults, positional):
        rest = tuple(zip(names, stores, (defaults.get(name, _MISSING) for name in names), strict=True))

        def __init__(self, *values, **named):  # noqa: N807 - becomes the class's own
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
                    if value.__class__ is _Factory:
                        value = value.make()
                store(self, value)
            if named:
                raise TypeError(f"{self.__class__.__name__} has no field {', '.join(named)} left to set")

        return __init__

    def _equality(key):
        def __eq__(self, other):  # noqa: N807 - becomes the class's own
            if other.__class__ is self.__class__:
                return key(self) == key(other)
            return NotImplemented

        return __eq__

    def _hashing(key):
        def __hash__(self):  # noqa: N807 - becomes the class's own
            return hash(key(self))

        return __hash__

    def _show(self):
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{self.__class__.__qualname__}({shown})"

    def _refuse(self, name, *_value):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot change field {name!r}")

    def _get_state(self):
        return [getattr(self, name) for name in self.__slots__]

    def _set_state(stores):
        def __setstate__(self, state):  # noqa: N807 - becomes the class's own
            for store, value in zip(stores, state, strict=True):
                store(self, value)

        return __setstate__

    class _StandardFields:
        """`__dataclass_fields__`, made by the standard library when it first asks."""

        __slots__ = ("annotations", "defaults", "kw_only", "names")

        def __init__(self, names, defaults, annotations, kw_only):
            self.names = names
            self.defaults = defaults
            self.annotations = annotations
            self.kw_only = kw_only

        def __get__(self, _instance, owner):
            import dataclasses

            body = {"__annotations__": self.annotations}
            for name, default in self.defaults.items():
                made = default.__class__ is _Factory
                body[name] = dataclasses.field(default_factory=default.make) if made else default
            twin = dataclasses.dataclass(type(owner.__name__, (), body), kw_only=self.kw_only)
            return twin.__dataclass_fields__


__all__ = ["dataclass", "field", "fields", "replace"]
