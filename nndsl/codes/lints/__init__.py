"""Codes of lints: mistakes that do not crash."""

from nndsl.codes.code import Code
from nndsl.codes.lints import (
    activations,
    data,
    names,
    normalisation,
    positions,
    regularisation,
    training,
    variance,
    weights,
    windows,
)

CODES: tuple[Code, ...] = (
    *names.CODES,
    *weights.CODES,
    *variance.CODES,
    *activations.CODES,
    *normalisation.CODES,
    *regularisation.CODES,
    *training.CODES,
    *data.CODES,
    *windows.CODES,
    *positions.CODES,
)
