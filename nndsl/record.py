"""Records: dataclasses that do not change, and that are made quickly."""

from __future__ import annotations

from dataclasses import Field, dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field, Field))
def record(cls: type[T]) -> type[T]:
    """Return a class as a dataclass with slots, whose values are compared by their fields.

    `@dataclass(frozen=True)` compiles six methods for each class, in half a millisecond, and
    `nndsl check` would do so forty times. Here `__init__` alone is compiled, and that nothing is
    assigned to a field is for the type checker to see.
    """
    cls.__doc__ = cls.__doc__ or cls.__name__  # else a signature is made up for it
    made: Any = dataclass(eq=False, repr=False, slots=True)(cls)
    shown = [part.name for part in fields(made) if part.repr]
    compared = attrgetter(*(part.name for part in fields(made) if part.compare))

    def __eq__(self: Any, other: object) -> bool:
        return type(self) is type(other) and bool(compared(self) == compared(other))

    def __hash__(self: Any) -> int:
        return hash(compared(self))

    def __repr__(self: Any) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({values})"

    made.__eq__, made.__hash__ = __eq__, __hash__
    made.__repr__ = cls.__dict__.get("__repr__", __repr__)
    result: type[T] = made
    return result
