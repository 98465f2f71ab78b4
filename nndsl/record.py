"""Records: dataclasses that do not change, and that are made quickly."""

from dataclasses import Field, FrozenInstanceError, dataclass, field, fields
from functools import wraps
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field, Field))
def record(cls: type[T]) -> type[T]:
    """Return a class as a dataclass with slots, whose values are compared by their fields.

    `@dataclass(frozen=True)` compiles six methods for each class, in half a millisecond, and
    `nndsl check` would do so fifty times. Here `__init__` alone is compiled. While it runs, an
    instance is of a class of the same slots that can be assigned to.
    """
    cls.__doc__ = cls.__doc__ or cls.__name__  # else a signature is made up for it
    made: Any = dataclass(eq=False, repr=False, slots=True)(cls)
    shown = [part.name for part in fields(made) if part.repr]
    names = [part.name for part in fields(made) if part.compare]
    compared = attrgetter(*names) if names else lambda _: ()
    assign, initialize = object.__setattr__, made.__init__
    unfinished = type(made.__name__, (made,), {"__slots__": (), "__setattr__": assign})

    def __init__(self: Any, *arguments: Any, **options: Any) -> None:
        assign(self, "__class__", unfinished)
        initialize(self, *arguments, **options)
        self.__class__ = made

    def __setattr__(self: Any, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self: Any, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __setstate__(self: Any, state: tuple[None, dict[str, Any]]) -> None:
        for name, value in state[1].items():  # by `pickle` and `copy`
            assign(self, name, value)

    def __eq__(self: Any, other: object) -> bool:
        return type(self) is type(other) and bool(compared(self) == compared(other))

    def __hash__(self: Any) -> int:
        return hash(compared(self))

    def __repr__(self: Any) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({values})"

    made.__init__, made.__setstate__ = wraps(initialize)(__init__), __setstate__
    made.__setattr__, made.__delattr__ = __setattr__, __delattr__
    made.__eq__, made.__hash__ = __eq__, __hash__
    made.__repr__ = cls.__dict__.get("__repr__", __repr__)
    result: type[T] = made
    return result
