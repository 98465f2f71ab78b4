"""Random networks over all pairs of layers, plain and optimized, against PyTorch.

`NNDSL_RANDOM_NETWORKS=2000 pytest -s -m slow tests/verify/test_pairs_against_torch.py` tries 2,000
and prints the largest differences. Without it, CI tries 1,100, in two to three minutes: every layer
behind every other one somewhere, if not at every place where the two fit. Where a network draws
noise of its own, PyTorch draws another one: there the optimized program is held to the plain one
alone, as it is in every network, at several sizes of a batch.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest
from execution import N
from pair_specs import Network, all_pairs, networks
from torch_network import TorchNetwork, torch

import nndsl
from nndsl.live.arrays import Array
from nndsl.live.gradients.equivalence import Version, check_equivalence
from nndsl.live.gradients.executable import Point, strict
from nndsl.live.random_examples import draw_examples, draw_targets

ENOUGH = 1100  # networks for all pairs of layers
MANY = int(os.environ.get("NNDSL_RANDOM_NETWORKS", ENOUGH))
STEPS = 3
TOLERANCE = 1e-10
NOTHING = 1e-12  # of each number: a gradient that is 0 but for rounding
ROUNDED = 100  # times what the plain program moves by where its last digits are others
TRIES = 2

pytestmark = pytest.mark.slow


@dataclass
class Differences:
    """The largest relative differences of all networks, by what is compared."""

    largest: dict[str, tuple[float, str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def add(
        self,
        what: str,
        ours: Mapping[str, Array],
        theirs: Mapping[str, Array],
        place: str,
        noise: Mapping[str, float],
    ) -> None:
        for name, expected in theirs.items():
            assert np.shape(ours[name]) == np.shape(expected), f"{name}\n{place}"
            floor = (noise.get(name, 0.0) + NOTHING * np.sqrt(np.size(expected))) / TOLERANCE
            error = float(np.linalg.norm(ours[name] - expected))
            relative = error / max(float(np.linalg.norm(expected)), floor) if error else 0.0
            if not relative <= TOLERANCE:
                self.wrong.append(f"{what}, {name}: {relative:.1e}\n{place}")
            if not relative <= self.largest.get(what, (0.0, ""))[0]:
                self.largest[what] = relative, name


def test_all_pairs_of_layers() -> None:
    torch.set_num_threads(1)  # arrays are small, and a second thread waits
    differences = Differences()
    seen, drawn, against_torch = set(), 0, 0
    for seed, network in enumerate(networks(MANY)):
        seen.update(network.pairs)
        drawn += 1
        with strict():
            against_torch += compare(network, seed, differences)
    pairs = set(all_pairs())
    print(f"\n{drawn} networks, {against_torch} against PyTorch, {len(pairs & seen)} of ", end="")
    print(f"{len(pairs)} pairs\n")
    for what, (relative, name) in sorted(differences.largest.items()):
        print(f"{what:40} {relative:.1e}  {name}")
    assert not differences.wrong, f"{len(differences.wrong)} wrong\n" + "\n".join(
        differences.wrong[:20]
    )
    missing = {pair[1:] for pair in pairs} - {pair[1:] for pair in seen}
    assert MANY < ENOUGH or not missing, missing


def compare(network: Network, seed: int, differences: Differences) -> bool:
    """Train both programs and PyTorch's network side by side, from the same point at each step."""
    place = f"network {seed}\n{network.text}"
    options = {"text": network.text, "dtype": "float64"}
    model = nndsl.load("net.nn", **options)
    optimized = nndsl.load("net.nn", optimize=True, **options)
    rng = np.random.default_rng(seed)
    for array in model.parameters.values():
        array += 0.2 * rng.standard_normal(array.shape)
    start = Point("", {**model.parameters}, {**model.state}, np.zeros(0), seed)
    equivalence = check_equivalence(optimized, start)
    if not equivalence.passed:
        differences.wrong.append(f"{equivalence.detail}\n{place}")
    if network.is_noisy:
        return False
    versions = {
        "plain": Version(model.source, start),
        "optimized": Version(optimized.source, start),
    }
    plain, theirs = versions["plain"], TorchNetwork(model)
    optimizer = theirs.optimizer()
    for step in range(1, STEPS + 1):
        X, t = draw_examples(model, N, rng), draw_targets(model, N, rng)
        before = plain.values()
        tries = [plain.learn_rounded(before, X, t, step, rng) for _ in range(TRIES)]
        plain.set(before)
        optimizer.zero_grad()
        loss, penalty = theirs.losses(torch.tensor(X), torch.tensor(t))
        (loss + penalty).backward()
        expected = {"loss": loss, "penalty": penalty, **theirs.states}
        expected = {name: value.detach().numpy().copy() for name, value in expected.items()}
        gradients = {name: p.grad.numpy().copy() for name, p in theirs.parameters.items()}
        theirs.clip()
        optimizer.step()
        moved = {name: p.detach().numpy().copy() for name, p in theirs.parameters.items()}
        for kind, version in versions.items():
            made = version.learn(X, t, step)
            noise = {
                name: ROUNDED * max(float(np.linalg.norm(other[name] - value)) for other in tries)
                for name, value in made.items()
            }
            wanted = {name: value for name, value in expected.items() if name in made}
            losses = {name: wanted.pop(name) for name in ("loss", "penalty") if name in wanted}
            differences.add(f"loss, {kind}", made, losses, place, noise)
            differences.add(f"running statistics, {kind}", made, wanted, place, noise)
            named = {f"d{name}": gradient for name, gradient in gradients.items()}
            differences.add(f"gradients, {kind}", made, named, place, noise)
            version.update(gradients, step)
            differences.add(f"parameters, {kind}", version.parameters, moved, place, {})
            version.set(moved | {name: expected[name] for name in theirs.states})
        output = theirs.output(torch.tensor(X), training=False).detach().numpy()
        for kind, version in versions.items():
            predicted = version.evaluate(X, t)["predict"]
            reshaped = {"predict": output.reshape(predicted.shape)}
            differences.add(f"predictions, {kind}", {"predict": predicted}, reshaped, place, {})
    return True
