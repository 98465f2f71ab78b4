"""What the writers of a program share: one spec, one allocator of names, one list of constants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nndsl.analysis.spec import Spec
from nndsl.ir import Statement, parse_text
from nndsl.program.constants import Constants
from nndsl.program.names import Names
from nndsl.program.program import Array
from nndsl.program.shapes import Shapes


@dataclass(frozen=True, slots=True)
class Context:
    """Shared by all that write parts of one program. `dtype` is code: `np.float32`."""

    spec: Spec
    names: Names
    constants: Constants
    shapes: Shapes
    dtype: str


def reads(statements: Iterable[Statement]) -> set[str]:
    """Return all names that statements read."""
    return {name for statement in statements for name in statement.reads}


def unpacked(dictionary: str, arrays: tuple[Array, ...]) -> list[Statement]:
    """Return `W1, b1 = params.values()`, or nothing where there are no arrays."""
    if not arrays:
        return []
    names = [array.name for array in arrays]
    left = entries(names) + ("," if len(names) == 1 else "")
    return list(
        parse_text(
            f"({left}) = {dictionary}.values()"
            if "\n" in left
            else f"{left} = {dictionary}.values()"
        )
    )


def entries(items: list[str], *, before: int = 20, width: int = 92) -> str:
    """Join items by commas; on lines of their own, indented, where they do not fit on one.

    `before` is how many characters stand beside them, if they fit on a line.
    """
    joined = ", ".join(items)
    if before + len(joined) <= width:
        return joined
    lines: list[str] = [""]
    for item in items:
        if lines[-1] and len(lines[-1]) + len(item) + 2 > width:
            lines.append("")
        lines[-1] += f"{' ' * bool(lines[-1])}{item},"
    return "\n    " + "\n    ".join(lines) + "\n"
