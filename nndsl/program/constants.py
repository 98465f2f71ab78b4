"""The settings of a script: fields of builtins that its statements read, as named constants."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from nndsl.data.script_text import quoted
from nndsl.ir import Expression, names_of, parse_value
from nndsl.ir.symbols import SymbolicFloat, SymbolicInt, as_int, code, shortest, symbol
from nndsl.ir.values import Value
from nndsl.program.names import Names
from nndsl.record import record
from nndsl.vocabulary.builtin import Builtin


@record
class Constant:
    """`NAME = value   # comment`. `code` is the value as it is written."""

    name: str
    code: str
    comment: str = ""
    number: float | None = None  # the value, where it is a number
    is_of_spec: bool = False  # the spec itself has a name for it

    @property
    def needs(self) -> frozenset[str]:
        """The constants that its value is made of."""
        return frozenset(names_of(parse_value(self.code)))


class Constants:
    """The constants in the order in which they came up; equal ones of equal meaning are one.

    Those that the spec itself names come first; which of them are read, the script shows.
    """

    def __init__(self, names: Names, named: Mapping[str, float]) -> None:
        self.uses: Mapping[str, str] = {}  # of the spec's own constants, in words
        self._names = names
        self._known: dict[tuple[str, str], Constant] = {}
        for name, value in named.items():
            names.reserve(name)
            self._known[name, name] = Constant(name, literal(value), number=value, is_of_spec=True)

    def __iter__(self) -> Iterator[Constant]:
        for constant in self._known.values():
            use = self.uses.get(constant.name, "")
            yield constant if constant.comment else replace(constant, comment=use)

    def add(self, name: str, value: Any, comment: str = "") -> str:
        """Return the name of a constant of this value, `name` or one like it.

        A value that has a name already keeps it, and gets the comment.
        """
        code = literal(value)
        key = (code, code) if (code, code) in self._known else (name, code)
        if key not in self._known:
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            numeric = value if is_number else None
            self._known[key] = Constant(self._names.fresh(name), code, comment, numeric)
        elif key[0] == key[1] and not self._known[key].comment:
            self._known[key] = replace(self._known[key], comment=comment)
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
                    self._names.letters.get(builtin.meanings.get(field, ""))
                    or builtin.constants.get(field)
                    or (f"{builtin.keyword()}_{field}" if prefix else field).upper()
                )
                comment = info.description or ""
                if "; left out" in comment:  # here it is not
                    comment = comment.partition("; left out")[0]
                found[field] = self.add(name, getattr(builtin, field), comment)
        return found


def known_numbers(constants: Iterable[Constant]) -> dict[str, Value]:
    """Return what is known of the constants that are numbers."""
    return {
        one.name: Value((), length=_named(one) if isinstance(one.number, int) else None)
        for one in constants
        if one.number is not None
    }


def _named(constant: Constant) -> int:
    return as_int(symbol(constant.name, int(constant.number or 0)))


def constant(value: Any) -> Expression:
    """Return a value of a spec as an expression: one literal and no more."""
    return parse_value(literal(value))


def literal(value: Any) -> str:
    """Write a value of a spec as Python code. Whatever it holds, it is one literal and no more."""
    match value:
        case SymbolicInt() | SymbolicFloat():
            return code(value)
        case float():
            return shortest(value)
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
