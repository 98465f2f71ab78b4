"""How many wrong gradients are caught: by this check, by PyTorch's tolerances, by CS231n's.

And of those that this check catches, how often it is right about the place and the mistake.

python bench/mutants.py

Every statement of the backward passes is given every mistake that fits it. PyTorch's `gradcheck`
compares all entries with central differences of 1e-6, to 1e-5 + 1e-3 of the value; CS231n's
compares 10 entries of each array with differences of 1e-5, and calls 1e-2 wrong.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby, zip_longest
from typing import Any

import numpy as np

import nndsl
from nndsl.live.arrays import Array
from nndsl.live.execute import FAILURES
from nndsl.live.gradients.builds import gradients_of
from nndsl.live.gradients.check import GradientCheck
from nndsl.live.gradients.culprit import find_culprit
from nndsl.live.gradients.executable import Executable, Point, one_thread, strict
from nndsl.live.gradients.mistakes import of_a_failure
from nndsl.live.gradients.mutants import Mutant, statement_mutants
from nndsl.live.gradients.oracles import by_entries
from nndsl.live.gradients.parsed_script import ParsedScript
from nndsl.live.gradients.steps import StepBuilds, Steps
from nndsl.live.gradients.verdict import compare, rounding
from nndsl.live.model import Model

BRANCHES = [
    "relu", "leaky_relu(0.2)", "elu(0.7)", "gelu", "silu", "softplus", "sigmoid", "tanh",
    "softmax", "identity", "dropout(0.3)", "dropout(0.3, scaling=test)", "batch_norm",
    "layer_norm", "reshape(1, 5); flatten", "residual { dense(5); tanh }", "frozen { tanh }",
    "add { branch { tanh }; branch { dense(5) } }; a = tanh; dense(5); multiply(a); tanh; dot(a)",
    "batch_norm; relu; dropout(0.2); dense(4); layer_norm",
    "dense(15); reshape(1, 3, 5); conv2d(2, 3, padding=1, stride=2); tanh; conv2d(2, 2); flatten",
    "dense(12); reshape(3, 2, 2); batch_norm; tanh; flatten",
    "dense(16); reshape(2, 2, 4); conv2d(4, 2, groups=2, bias=false); flatten",
    "dense(12); reshape(3, 4); transpose; flatten",
    "dense(12); reshape(3, 4); as_positions; tanh; pool_positions",
    "dense(12); reshape(3, 4); pool_positions(by=max)",
    "repeat_vector(2); tanh; flatten",
    "dense(12); reshape(2, 6); conv1d(2, 3, stride=2, padding=same); flatten",
    "dense(12); reshape(1, 3, 4); max_pool(2, stride=1); avg_pool(2); flatten",
    "dense(30); reshape(1, 5, 6); conv2d(2, 2, dilation=2); max_pool(3, 2, padding=1); flatten",
    "dense(18); reshape(2, 9); conv1d(2, 2, dilation=3); avg_pool(2, padding=same); flatten",
    "dense(12); reshape(3, 2, 2); global_avg_pool",
    "reshape(1, 1, 5); upsample(2); flatten",
    "dense(8); reshape(2, 2, 2); conv_transpose2d(2, 3, stride=2, padding=1); tanh; flatten",
    "dense(12); reshape(2, 2, 3); conv_transpose2d(2, 2); tanh; flatten",
    "dense(8); reshape(2, 4); conv_transpose1d(2, 3, stride=2, padding=same); upsample(2); flatten",
    "dense(16); reshape(4, 2, 2); depth_to_space(2); patches(2); tanh; flatten",
    "dense(24); reshape(2, 3, 4); random_crop(2); flatten",
    "dense(24); reshape(2, 3, 4); cutout(2); flatten",
    "gaussian_noise(0.3)",
    "dense(24); reshape(2, 3, 4); random_shift(1); random_flip; flatten",
]  # fmt: skip
POSITIONS = """network {
  input(3, tokens=4); embedding(4); positional_embedding; tanh; reverse
  self_attention(heads=2, causal=true); lstm(3, output=all); rnn(3, output=all)
  bidirectional { gru(2, output=all) }
  before = tanh; m = dense(3); cross_attention(before, m, heads=2)
  rnn(4); dense(4, weights=tied(embedding)); tanh; dense(3)
}
train { loss = softmax_cross_entropy; optimizer = sgd(lr=0.1) }
"""
LOSSES = [
    ("softmax_cross_entropy", "l2(0.1)"),
    ("softmax_cross_entropy(label_smoothing=0.2)", "l1(0.1)"),
    ("mean_squared_error", "elastic_net(l1=0.1, l2=0.2)"),
    ("binary_cross_entropy", "l2(0.1)"),
    ("mean_absolute_error", "l2(0.1)"),
    ("huber(0.8)", "l2(0.1)"),
    ("hinge(0.7)", "l2(0.1)"),
    ("multiclass_hinge", "l2(0.1)"),
    ("pinball(0.8)", "l2(0.1)"),
    ("poisson", "l2(0.1)"),
    ("soft_target_cross_entropy", "l2(0.1)"),
    ("contrastive", "l2(0.1)"),
]
TOGETHER = 5  # branches of a network: every mutant runs all of it
PER_KIND = 40  # mutants whose diagnosis is judged
TOOLS = ("nndsl", "torch", "CS231n")

# What is no mistake, though it looks like one: then nothing but a match differs.
EQUIVALENT = {
    r"reshape\(\w+\.shape\)": "a gradient has the shape of its value: only that is read",
    r"slices\(\w+\.shape": "so it has: only the shape is read",
    r"len\(\w+\)": "so it has: only the length is read",
    r"\ndweights\d*[^\n]*": "the greatest may be that of a position that is not seen: it counts 0",
    r"\nd(cols|seen|padded)\d*[^\n]*": "the greatest may be that of a zero around an image",
    r"(?<=, )\w+\.shape\[1\](?=\)\.sum)": "the number of columns is the same for all of one shape",
    r"(?<=\(\(excess > 0\) / N\)\.astype\(np\.float64\))\n[^$]*": (
        "the greatest may be that of the own class, which is subtracted again"
    ),
    r"/ \w+\.size": "the number of elements is the same for all arrays of one shape",
    r"\(2 / \w+\.size\)": "the number of elements is the same for all arrays of one shape",
    r"(?<=\W)\w+\.shape\[1\]": "the number of features is the same for all arrays of one shape",
    r"\b0 \+ |(?<=\[:, :, )0(?=:)": "where a window begins at 0, it is the same place",
    r"= (-|\(1 \+ 1e-4\) \* )?0\b": "nothing times a number is nothing",
    r"found \|= \w+": "it counts where numbers are equal; tests plant that mistake there",
    r"= dh(_next)? \*": "where the last state alone goes on, they are one",
}


# What a likely mistake says if it is right about a mutant of this kind.
SAID = {
    "dropped factor": ("factor", "times", "1/", "by N", "a mean over", "a mean"),
    "dropped term": ("term", "zero"),
    "factor 1 + 1e-4": ("1.0001 times",),
    "missing 1/N": ("1/N", "by N", "a mean over"),
    "missing mask": ("mask",),
    "one entry off by 1%": ("entry is wrong",),
    "sign": ("sign",),
    "transpose": ("transpose",),
    "wrong axis": ("axis", "axes"),
    "wrong variable": ("variable", "should be"),
}


def specs() -> Iterator[str]:
    """Yield specs that together hold every layer, loss and regularizer that can be trained."""
    yield POSITIONS
    # A bias before batch_norm has gradient zero: no mistake in it can be seen.
    branches = [
        f"branch {{ dense(5, bias={str('batch_norm' not in layer).lower()}); {layer} }}"
        for layer in BRANCHES
    ]
    firsts = range(0, len(branches), TOGETHER)
    groups = ["\n".join(branches[first : first + TOGETHER]) for first in firsts]
    assert len(groups) <= len(LOSSES)
    for (loss, penalty), together in zip_longest(LOSSES, groups, fillvalue=branches[0]):
        yield (
            f"network {{ input(4)\nconcat {{\n{together} }}\ndense(3) }}\n"
            f"train {{ loss = {loss}; optimizer = sgd(lr=0.1); regularize = {penalty} }}\n"
        )


def backward_mutants(parsed: ParsedScript, values: Mapping[str, Any]) -> Iterator[Mutant]:
    """Yield a mutant for each mistake in each statement of the backward pass.

    `values` are those of the variables of `loss_and_gradients`: an array is taken for another
    where they have the same shape, and do not hold the same numbers.
    """
    arrays = {
        name: value
        for name, value in values.items()
        if isinstance(value, np.ndarray) and value.ndim > 0
    }
    forward = set(map(id, parsed.forward))
    known: dict[str, list[str]] = defaultdict(list)  # by function
    seen: set[int] = set()
    for step in parsed.steps:
        written, names = step.written, known[step.function]
        if step.line not in seen:  # of a block that is there several times
            if id(step.statement) not in forward and any(name[0] == "d" for name in written.writes):
                own = parsed.variables_of(step.function)
                there = {name: arrays[v] for name, v in own.items() if v in arrays}
                yield from statement_mutants(parsed.text, written.node, step.numbers, names, there)
            names += written.writes
        seen.add(step.line)


@dataclass
class Trial:
    """A mutant, and which tools catch it."""

    mutant: Mutant
    caught: dict[str, bool] = field(default_factory=dict)


@dataclass
class Diagnosis:
    """What the report says of a mutant: is the place right, and is the mistake?"""

    mutant: Mutant
    is_there: bool
    mistake: str

    @property
    def is_right(self) -> bool:
        return any(words in self.mistake for words in SAID[self.mutant.kind])


class Jury:
    """The true gradients of one model, and the verdicts of three tools on its mutants."""

    def __init__(self, model: Model) -> None:
        self.check = GradientCheck(model, None, None, True, None, 0)
        self.builds = self.check.builds
        self.names = list(model.parameters)
        self._values = self.builds.values

    @cached_property
    def true(self) -> list[dict[str, Array]]:
        return [
            {name: self._exact(point, name) for name in self.names} for point in self.check.points
        ]

    @cached_property
    def torch(self) -> dict[str, Array]:
        return {name: self._central(self.check.points[0], name, 1e-6) for name in self.names}

    @cached_property
    def cs231n(self) -> dict[str, Array]:
        return {name: self._central(self.check.points[0], name, 1e-5) for name in self.names}

    def mutants(self) -> Iterator[Mutant]:
        """Yield all mutants of the model's backward pass."""
        everything = Executable(self.builds.parsed.with_locals(), self.builds.path)
        yield from backward_mutants(self.builds.parsed, everything(self.check.points[0]))

    def judge(self, mutant: Mutant) -> Trial:
        """Return which tools catch a mutant. One that fails to run is caught by all."""
        trial = Trial(mutant, dict.fromkeys(TOOLS, True))
        try:
            text = Executable(mutant.text, "mutant.py")
        except FAILURES:
            return trial
        first = gradients_of(text, self.check.points[0])
        if first is None or any(
            first[name].shape != self.true[0][name].shape for name in self.names
        ):
            return trial
        trial.caught["nndsl"] = any(
            self._differs(text, point, true)
            for point, true in zip(self.check.points, self.true, strict=True)
        )
        if not trial.caught["nndsl"]:
            trial.caught["nndsl"] = self._is_wrong_step(mutant)
        pairs = [(first[name].reshape(-1), name) for name in self.names]
        trial.caught["torch"] = not all(
            np.allclose(made, self.torch[name], atol=1e-5, rtol=1e-3) for made, name in pairs
        )
        rng = np.random.default_rng(0)
        trial.caught["CS231n"] = any(
            self._is_far(made, self.cs231n[name], rng) for made, name in pairs
        )
        return trial

    def diagnose(self, mutant: Mutant) -> Diagnosis:
        """Return what is said of a mutant that is caught."""
        builds = copy(self.builds)
        builds.parsed = self._parsed(mutant)
        builds.script = Executable(mutant.text, "mutant.py")
        try:
            builds.script(self.check.points[0])
        except FAILURES as error:  # Python says where
            return Diagnosis(mutant, True, of_a_failure(error))
        steps, rng = StepBuilds(builds.parsed, builds.path, *self._values), np.random.default_rng(0)
        culprits = (find_culprit(builds, Steps(steps, p), rng) for p in self.check.points)
        culprit = next((found for found in culprits if found is not None), None)
        if culprit is None:
            return Diagnosis(mutant, False, "")
        first, last = culprit.first_line or culprit.line, culprit.line
        last += mutant.now == "pass"  # what is not there any more stood behind it
        is_there = first <= mutant.line + mutant.now.count("\n") and mutant.line <= last
        return Diagnosis(mutant, is_there, culprit.mistake)

    def _differs(self, text: Executable, point: Point, true: dict[str, Array]) -> bool:
        made = gradients_of(text, point)
        if made is None:
            return True
        singles = [single for p in point.singles() if (single := gradients_of(text, p))]
        for name in self.names:
            noise = rounding(made[name], [single[name] for single in singles])
            noise += self.check.steps_at(point).noise_of(name)
            everything = np.arange(made[name].size)
            check = compare(made[name], true[name].reshape(-1), noise, everything, "")
            if check.status == "wrong":
                return True
        return False

    def _is_wrong_step(self, mutant: Mutant) -> bool:
        builds = StepBuilds(self._parsed(mutant), self.builds.path, *self._values)
        steps = Steps(builds, self.check.points[0])
        return bool(steps.wrong_step(np.random.default_rng(0)))

    def _parsed(self, mutant: Mutant) -> ParsedScript:
        return ParsedScript(mutant.text, self.check.model.script.blocks, self.names)

    @staticmethod
    def _is_far(made: Array, numeric: Array, rng: np.random.Generator) -> bool:
        at = rng.integers(0, made.size, 10)
        size = np.abs(made[at]) + np.abs(numeric[at])
        error = np.abs(made[at] - numeric[at]) / np.where(size == 0, 1, size)
        return not bool((error <= 1e-2).all())

    def _exact(self, point: Point, name: str) -> Array:
        value = point.values[name]
        found = by_entries(self.builds.forward, point, name, range(value.size))
        return found.sum(axis=1).reshape(value.shape)

    def _central(self, point: Point, name: str, h: float) -> Array:
        values = {k: v.copy() for k, v in point.values.items()}
        point = Point(point.label, values, point.state, point.t, point.seed)
        flat = values[name].reshape(-1)
        found = np.empty(flat.size)
        for at, value in enumerate(flat.copy()):
            flat[at] = value + h
            above = self.builds.script.losses(point).sum()
            flat[at] = value - h
            below = self.builds.script.losses(point).sum()
            flat[at] = value
            found[at] = (above - below) / (2 * h)
        return found


def trials() -> list[Trial]:
    """Return the verdicts on all mutants of all specs."""
    made = []
    with one_thread(), strict():
        for text in specs():
            jury = Jury(nndsl.load("mutants.nn", text=text))
            right = Mutant("none", 0, "", "", jury.builds.parsed.text)
            alarms = jury.judge(right).caught
            assert not alarms["nndsl"], f"a false alarm: {alarms}"
            # A tool that calls the right text wrong says nothing by doing so again. (CS231n's does
            # where a gradient is 0, as that of the keys' bias is in attention.)
            deaf = {tool: False for tool, called in alarms.items() if called}
            for trial in map(jury.judge, jury.mutants()):
                trial.caught |= deaf
                made.append(trial)
    return made


def diagnoses(per_kind: int) -> list[Diagnosis]:
    """Return what is said of a sample of all mutants, as many of each kind."""
    rng = np.random.default_rng(0)
    made = []
    with one_thread(), strict():
        juries = [Jury(nndsl.load("mutants.nn", text=text)) for text in specs()]
        kinds: dict[str, list[tuple[Jury, Mutant]]] = defaultdict(list)
        for jury in juries:
            for mutant in jury.mutants():
                if not is_equivalent(mutant):
                    kinds[mutant.kind].append((jury, mutant))
        for kind in sorted(kinds):
            for at in rng.permutation(len(kinds[kind]))[:per_kind]:
                jury, mutant = kinds[kind][at]
                made.append(jury.diagnose(mutant))
    return made


def is_equivalent(mutant: Mutant) -> bool:
    """Is it on the list?"""
    return any(
        re.sub(pattern, "", mutant.was) == re.sub(pattern, "", mutant.now) for pattern in EQUIVALENT
    )


def table(judged: list[Trial]) -> str:
    """Return the kill rates by kind of mistake."""
    total: Counter[str] = Counter()
    killed: Counter[tuple[str, str]] = Counter()
    for trial in judged:
        for kind in (trial.mutant.kind, "all"):
            total[kind] += 1
            for tool in TOOLS:
                killed[kind, tool] += trial.caught[tool]
    lines = [f"{'mistake':<22}{'mutants':>8}" + "".join(f"{tool:>10}" for tool in TOOLS)]
    for kind in [*sorted(set(total) - {"all"}), "all"]:
        rates = "".join(f"{killed[kind, tool] / total[kind]:>10.1%}" for tool in TOOLS)
        lines.append(f"{kind:<22}{total[kind]:>8}{rates}")
    return "\n".join(lines)


def table_of(made: list[Diagnosis]) -> str:
    """Return by kind how often the place is right, a mistake is named, and is the right one."""
    lines = [f"{'mistake':<22}{'mutants':>8}{'place':>10}{'named':>10}{'right of named':>17}"]
    groups = [(kind, list(group)) for kind, group in groupby(made, key=lambda d: d.mutant.kind)]
    for kind, group in [*groups, ("all", made)]:
        named = [diagnosis for diagnosis in group if diagnosis.mistake]
        right = f"{sum(d.is_right for d in named) / len(named):.1%}" if named else "-"
        there = sum(d.is_there for d in group) / len(group)
        share = f"{len(named) / len(group):.1%}"
        lines.append(f"{kind:<22}{len(group):>8}{there:>10.1%}{share:>10}{right:>17}")
    return "\n".join(lines)


def main() -> None:
    judged = trials()
    live = [trial for trial in judged if not is_equivalent(trial.mutant)]
    print(table(live))
    print(f"\n{len(judged) - len(live)} more are no mistake (EQUIVALENT says why)")
    for trial in live:
        if not trial.caught["nndsl"]:
            print(trial.mutant.answer)
    print("\nWhat is said of a sample:")
    print(table_of(diagnoses(PER_KIND)))


if __name__ == "__main__":
    main()
