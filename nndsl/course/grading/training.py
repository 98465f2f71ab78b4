"""What a training is worth: how far it comes of the way that the page's own script goes."""

import threading
from collections.abc import Mapping
from functools import cached_property

from nndsl.analysis.metrics import higher_is_better
from nndsl.course.grading.runner import Answer, Runner
from nndsl.course.grading.worker import TRAINED
from nndsl.live.judging.checks import said_of
from nndsl.live.judging.observation import Array, within
from nndsl.live.judging.reference import Reference
from nndsl.live.network import measured

REACHED = 0.9  # of the way from the initial weights to what the page reaches, a training has to go


class Training:
    """Judges the weights that trainings end with."""

    def __init__(self, reference: Reference, runner: Runner, timeout: float) -> None:
        """`timeout`, in seconds, is that of a student's training: the page's own has a third."""
        self._model, self._runner, self._timeout = reference.model, runner, timeout
        self._script = reference.script
        self._lock = threading.Lock()
        # copies: the model takes the weights of each script
        self._initial = {name: array.copy() for name, array in self._held.items()}

    @property
    def _held(self) -> dict[str, Array]:
        held = {f"params/{name}": p for name, p in self._model.parameters.items()}
        return held | {f"state/{name}": s for name, s in self._model.state.items()}

    @property
    def left_out(self) -> str:
        """Why no training can be judged; empty: it can."""
        return self._ends if isinstance(self._ends, str) else ""

    @cached_property
    def _ends(self) -> tuple[float, float] | str:
        """What the initial weights are worth, and those that the page's script ends with, or why
        that is not known."""
        if not self._script.parts:
            return "the page names no data"
        if not all(file.path.exists() for file in self._script.files.values()):
            return "its data are not there"
        seconds = self._timeout / 3
        answer = self._runner.train(self._script.text, seconds)
        if answer.ended:
            return f"the page's own script has {seconds:.0f} s, and {answer.ended}"
        trained = within(answer.observed.arrays, TRAINED)
        if not trained:
            failures = answer.observed.failures.values()
            said = next((failure["says"] for failure in failures), "it ends with no weights")
            return f"the page's own script fails: {said}"
        return self._worth(self._initial), self._worth(trained)

    def _worth(self, arrays: Mapping[str, Array]) -> float:
        """Return the first metric that a network with these weights has, or its loss."""
        with self._lock:  # several scripts are graded at a time, and there is one model
            parts = self._model.data()
            for name, array in self._held.items():
                array[...] = arrays[name]
            part = parts.get("test") or next(iter(parts.values()))
            results = measured(self._model.namespace, *part)
        return float(results[1] if len(results) > 1 else results[0])

    def wrong(self, answer: Answer) -> str:
        """Say what is wrong with what a script's training leads to; empty: nothing."""
        assert not isinstance(self._ends, str)
        if answer.ended:
            return answer.ended
        failed = answer.observed.failures.get(TRAINED)
        if failed is not None:
            return said_of(failed)
        begin, end = self._ends
        try:
            value = self._worth(within(answer.observed.arrays, TRAINED))
        except (KeyError, ValueError):
            return "the weights that it ends with are not those of the page"
        wanted = begin + REACHED * (end - begin)
        metric = next(iter(self._script.metrics), "loss")
        is_better = higher_is_better(f"test_{metric}")
        if value >= wanted if is_better else value <= wanted:
            return ""
        least = "at least" if is_better else "at most"
        return f"it is {value:.4f}, and should be {least} {wanted:.4f}"
