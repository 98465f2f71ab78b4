"""Whose letters a script has: a table for each way to name the values of a network.

A table says what stands in place of a letter of the blackboard: that of a layer's output (Z, A), of
a constant, or of a role in the function of a layer (y, dy). Parameters keep their names, so that
weights belong to a network however its values are called.
"""

from collections.abc import Mapping

from nndsl.ir import names_in, names_of
from nndsl.program.names import COURSE
from nndsl.program.program import Function
from nndsl.program.style import BLACKBOARD, BOOK, CS231N

REGULARIZATION = "regularization"  # how strong it is: a constant
SCORES, VALUES = "scores", "values"  # the output of a network: what a loss turns into probabilities
LETTERS: Mapping[str, Mapping[str, str]] = {
    BLACKBOARD: {},
    # Saito 2016, Deep Learning from Scratch: a affine, z activation, y what is compared with t.
    BOOK: {"Z": "a", "A": "z", VALUES: "y", "y": "out", "dy": "dout", COURSE: "book"},
    # Stanford's course CS231n: h for hidden units, scores, reg.
    CS231N: {
        "Z": "a",
        "A": "h",
        SCORES: "scores",
        "y": "out",
        "dy": "dout",
        REGULARIZATION: "REG",
    },
}


def with_roles(function: Function, letters: Mapping[str, str]) -> Function:
    """Return the function of a layer with other names for its output, and the gradient of that."""
    known = {*function.arguments, *names_in(function.statements)}
    if function.returns is not None:
        known |= {*names_of(function.returns)}
    roles = {"y", "dy"} & known & set(letters)
    names = {role: letters[role] for role in roles if letters[role] not in known}
    return function.rename(names)
