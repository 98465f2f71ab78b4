"""The settings of a script: fields of builtins that its statements read, as named constants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nndsl.data.script_text import quoted
from nndsl.ir import Expression, parse_value
from nndsl.ir.values import Value, value_of
from nndsl.program.names import Names
from nndsl.record import record
from nndsl.vocabulary.builtin import Builtin


@record
class Constant:
    """`NAME = value   # comment`. `code` is the value as it is written."""

    name: str
    code: str
    comment: str = ""


class Constants:
    """The constants in the order in which they came up; equal ones of equal meaning are one."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._known: dict[tuple[str, str], Constant] = {}

    def __iter__(self) -> Iterator[Constant]:
        return iter(self._known.values())

    def add(self, name: str, value: Any, comment: str = "") -> str:
        """Return the name of a constant of this value, `name` or one like it."""
        key = (name, code := literal(value))
        if key not in self._known:
            self._known[key] = Constant(self._names.fresh(name), code, comment)
        return self._known[key].name

    def add_code(self, name: str, code: str, comment: str = "") -> str:
        """Return the name of a constant whose value is an expression over others."""
        if (name, code) not in self._known:
            self._known[name, code] = Constant(self._names.fresh(name), code, comment)
        return self._known[name, code].name

    def of_fields(
        self, builtin: Builtin, read: Iterable[str], *, prefix: bool = True
    ) -> dict[str, str]:
        """Return a constant for each field of a builtin that is among the names `read`."""
        found = {}
        read = set(read)
        for field, info in type(builtin).model_fields.items():
            if field in read:
                name = (
                    builtin.constants.get(field)
                    or (f"{builtin.keyword()}_{field}" if prefix else field).upper()
                )
                comment = (info.description or "").partition("; left out")[0]  # here it is not
                found[field] = self.add(name, getattr(builtin, field), comment)
        return found


def known_numbers(constants: Iterable[Constant]) -> dict[str, Value]:
    """Return what is known of the constants that are numbers."""
    values = ((one.name, value_of(parse_value(one.code), {})) for one in constants)
    return {name: value for name, value in values if value is not None}


def constant(value: Any) -> Expression:
    """Return a value of a spec as an expression: one literal and no more."""
    return parse_value(literal(value))


def literal(value: Any) -> str:
    """Write a value of a spec as Python code. Whatever it holds, it is one literal and no more."""
    match value:
        case float():
            return repr(value).replace("e-0", "e-").replace("e+0", "e+")
        case str():
            return quoted(value)
        case bool() | int() | None:
            return repr(value)
        case tuple():
            return f"({', '.join(map(literal, value))}{',' * (len(value) == 1)})"
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
    raise TypeError(f"no literal for {type(value).__name__}")
