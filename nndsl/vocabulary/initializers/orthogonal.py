"""Orthogonal initialisation."""

from pydantic import Field

from nndsl.data import Signal
from nndsl.vocabulary.builtin import PositiveReal
from nndsl.vocabulary.initializer import Initializer


class Orthogonal(Initializer):
    """A random matrix whose rows or columns, the fewer of them, are orthonormal. Saxe et al. 2014.

    An array of more than two axes is taken as a matrix with the rows of its first axis.
    """

    gain: PositiveReal = Field(1.0, description="scale of the whole matrix")

    explanation = "Orthogonal initialisation: a rotation, which keeps the length of a signal."
    draw = """
        rows, columns = shape[0], math.prod(shape[1:])
        matrix = rng.standard_normal((max(rows, columns), min(rows, columns)))
        Q, R = np.linalg.qr(matrix)
        Q = Q * np.sign(np.diag(R))   # without this, some rotations would be likelier than others
        w = gain * (Q if rows >= columns else Q.T).reshape(shape)
    """

    def moments(self, fan_in: int, fan_out: int) -> Signal:
        return Signal(0, self.gain * self.gain / max(fan_in, fan_out))
