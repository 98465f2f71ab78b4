"""The outline of any value of the compiler: one line for each part, indented."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from nndsl.analysis.writing import write_word
from nndsl.source import Origin, Span
from nndsl.syntax.tree import Name
from nndsl.vocabulary.word import Word


def outline(value: Any, label: str = "", indent: int = 0) -> Iterator[str]:
    """Yield the lines of a value; `label` stands before it. What is None is left out."""
    blanks = "  " * indent
    match value:
        case None | Span() | Origin():
            pass
        case Mapping():
            if label and value:
                yield f"{blanks}{label.rstrip()}"
            for name, part in value.items():
                yield from outline(part, f"{name}: ", indent + bool(label))
        case tuple() | list():
            if label and value:
                yield f"{blanks}{label.rstrip()}"
            for part in value:
                yield from outline(part, "", indent + bool(label))
        case Word() | Name() | str() | int() | float():
            yield f"{blanks}{label}{_inline(value)}"
        case _ if is_dataclass(value):
            parts = {field.name: getattr(value, field.name) for field in fields(value)}
            short = {name: part for name, part in parts.items() if _is_short(part)}
            said = [f"{name}={_inline(part)}" for name, part in short.items()]
            where = [place(p) for p in parts.values() if isinstance(p, Span | Origin)]
            yield f"{blanks}{label}{' '.join([type(value).__name__, *said, *where])}"
            for name, part in parts.items():
                if name not in short:
                    yield from outline(part, f"{name}: ", indent + 1)
        case _:
            yield f"{blanks}{label}{value}"


def place(where: Span | Origin) -> str:
    """Return where something stands: `@3:5`, with the uses of the blocks around it."""
    if isinstance(where, Origin):
        return "".join(map(place, (where.span, *where.uses)))
    return f"@{where.line}:{where.column}"


def _is_short(value: Any) -> bool:
    is_plain = isinstance(value, tuple) and all(isinstance(part, int | float) for part in value)
    return isinstance(value, Word | Name | str | int | float) or (is_plain and value != ())


def _inline(value: Any) -> str:
    match value:
        case Word():
            return write_word(value)
        case Name():
            return value.text
        case str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return str(value)
