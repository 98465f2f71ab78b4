"""A script in process, in float64, and the page that it should follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nndsl.emit.build import build_script
from nndsl.live.arrays import Array, Examples
from nndsl.live.execute import execute
from nndsl.live.gradients.builds import in_float64
from nndsl.live.gradients.points import example_count
from nndsl.live.model import Model
from nndsl.live.random_examples import draw_examples, draw_targets, draw_weights
from nndsl.live.script.reference import ExecutedWords
from nndsl.program.lower import lower

EXACT = 1e-8  # of the largest number: further away is no rounding


@dataclass(frozen=True)
class ScriptUnderTest:
    """The text of a script, and what its page says."""

    model: Model
    text: str
    seed: int = 0

    @cached_property
    def path(self) -> str:
        return f"{self.model.spec.name}.py"

    def names(self) -> dict[str, Any]:
        """Return the names of the script, executed anew: no check sees what another changed."""
        names = execute(in_float64(self.text), self.path)
        for file in self.model.script.files.values():
            names[file.constant] = file.path
        return names

    @cached_property
    def reference(self) -> ExecutedWords:
        return ExecutedWords(self.model.checked, lower(*self.model.checked.network))

    @cached_property
    def as_built(self) -> str:
        """The script of the page, as nndsl writes it."""
        script = self.model.script
        return build_script(
            self.model.checked, optimized=script.is_optimized, style=script.style
        ).text

    def with_text(self, text: str) -> ScriptUnderTest:
        """Return the same page with another script."""
        other = ScriptUnderTest(self.model, text, self.seed)
        other.__dict__.update(reference=self.reference, as_built=self.as_built)
        return other

    @cached_property
    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self.seed)

    def point(self, names: dict[str, Any]) -> tuple[dict[str, Array], dict[str, Array]]:
        """Move a script's parameters and states away from where they begin; return copies."""
        rng = np.random.default_rng([self.seed, 1])
        for p in names["params"].values():
            p += 0.1 * rng.standard_normal(p.shape)
        for s in names.get("state", {}).values():
            s += (0.2 + 0.3 * s) * rng.uniform(size=s.shape)  # a variance stays one
        return copied(names["params"]), copied(names.get("state", {}))

    def examples(self, count: int = 0) -> tuple[Examples, Examples]:
        """Return random inputs and targets."""
        count = count or example_count(self.model)
        X = draw_examples(self.model, count, np.random.default_rng([self.seed, 2]))
        return X, draw_targets(self.model, count, np.random.default_rng([self.seed, 3]))

    def weights(self, count: int) -> tuple[Array, ...]:
        """Return how often so many examples count, where the page weighs them; else nothing."""
        return draw_weights(self.model, count, np.random.default_rng([self.seed, 5]))


def copied(arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {name: np.array(array) for name, array in arrays.items()}


def difference(actual: Any, expected: Any, exact: float = EXACT) -> str:
    """Say how numbers differ from what they should be; empty: not at all, but for rounding."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    if actual.shape != expected.shape:
        return f"the shape is {actual.shape}, and should be {expected.shape}"
    if not expected.size or not np.isfinite(expected).all():
        return ""  # nothing can be said of numbers that are none
    away = np.abs(actual - expected)
    if bool((away <= exact * np.abs(expected).max() + 1e-300).all()):
        return ""
    at = np.unravel_index(int(np.argmax(np.where(np.isnan(away), np.inf, away))), expected.shape)
    place = f" at [{', '.join(map(str, at))}]" if at else ""
    return f"{actual[at]:.6g}{place}, and should be {expected[at]:.6g}"
