"""What the writers of a program share: one spec, one allocator of names, one list of constants."""

from __future__ import annotations

from dataclasses import dataclass

from nndsl.analysis.spec import Spec
from nndsl.ir import Assign, Name, Operation, Statement, name_tuple, statement, wrapped
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


def unpacked(dictionary: str, arrays: tuple[Array, ...]) -> list[Statement]:
    """Return `W1, b1 = params.values()`, or nothing where there are no arrays."""
    if not arrays:
        return []
    names = wrapped(name_tuple(array.name for array in arrays))
    return [statement(Assign((names,), Operation(".values()", (Name(dictionary),))))]
