"""The time of a training step, of everyone on every network."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from bench.contestants import CONTESTANTS, PEERS
from bench.networks import NETWORKS
from bench.timing import Times, Worker, interleaved, workers

Measured = dict[str, dict[str, Times]]  # network -> contestant -> times

# What the project wants of itself: (of whom, to whom, on which network) -> the greatest ratio.
GOALS = {
    ("script", "torch"): {
        "small-sigmoid": 0.45,
        "deep-relu": 0.70,
        "normalized": 0.80,
        "wide": 1.05,
        "tiny": 0.25,
        "lenet": 1.6,
        "gpt": 1.3,
        "lstm": 1.5,
    },
    ("optimized", "torch"): {"lenet": 1.0, "gpt": 1.0},
    ("optimized", "best peer"): {
        "small-sigmoid": 0.55,
        "deep-relu": 0.75,
        "normalized": 0.80,
        "wide": 1.10,
        "tiny": 0.60,
    },
    ("optimized", "products"): {
        "small-sigmoid": 1.4,
        "deep-relu": 1.5,
        "wide": 1.25,
        "tiny": 3.0,
    },
}


def measure(networks: Iterable[str], rounds: int) -> Measured:
    """Return the times of everyone who is installed."""
    measured: Measured = {}
    for network in networks:
        takers = [
            name
            for name, contestant in CONTESTANTS.items()
            if contestant.is_there and contestant.takes(NETWORKS[network])
        ]
        makers = {
            name: partial(Worker, name, network, CONTESTANTS[name].threads) for name in takers
        }
        with workers(makers) as started:
            measured[network] = interleaved(started, rounds)
    return measured


def ratio(times: dict[str, Times], of: str, to: str) -> tuple[float, str] | None:
    """Return the ratio of two medians, and to whom it is; None where one was not measured."""
    others: Sequence[str] = [name for name in PEERS if name in times] if to == "best peer" else [to]
    others = [name for name in others if name in times]
    if of not in times or not others:
        return None
    best = min(others, key=lambda name: times[name].median)
    return times[of].median / times[best].median, best
