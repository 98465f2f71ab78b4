"""numpy as the complex step needs it: written apart from the package, whose check has its own."""

from __future__ import annotations

from typing import Any

import numpy as np

MOST = 300.0  # exp of it is 1e130


class ComplexNumpy:
    """numpy for the complex step: what would lose an imaginary part keeps it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    @staticmethod
    def abs(x: Any) -> Any:
        return np.where(np.real(x) < 0, -x, x)

    @staticmethod
    def exp(x: Any) -> Any:
        x = np.asarray(x)  # inf + 0j is no number of numpy's: what is as good as infinite is none
        return np.exp(np.where(np.real(x) > MOST, MOST + 1j * np.imag(x), x))

    @staticmethod
    def logaddexp(a: Any, b: Any) -> Any:
        shift = np.maximum(np.real(a), np.real(b))
        return shift + np.log(np.exp(a - shift) + np.exp(b - shift))
