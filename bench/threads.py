"""What a second thread of BLAS does to a step: python -m bench.threads."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial

from bench.contestants import CONTESTANTS
from bench.networks import NETWORKS
from bench.table import duration, plain_table
from bench.timing import Times, Worker, interleaved, workers

TAKERS = {"script": "script", "optimized": "--optimize", "products": "products"}


def measure(rounds: int) -> dict[str, dict[str, Times]]:
    """Return the times of steps and of their products, with one thread and with all."""
    found = {}
    for network in NETWORKS:
        makers = {
            f"{contestant} {'one' if threads == 1 else 'all'}": partial(
                Worker, contestant, network, threads
            )
            for contestant in TAKERS
            if CONTESTANTS[contestant].takes(NETWORKS[network])
            for threads in (1, os.cpu_count())
        }
        with workers(makers) as started:
            found[network] = interleaved(started, rounds)
    return found


def lines(found: Mapping[str, Mapping[str, Times]]) -> list[str]:
    """Return the table."""
    rows = []
    for network, times in found.items():
        row: list[str] = [NETWORKS[network].title]
        for contestant in TAKERS:
            if f"{contestant} one" not in times:
                row += ["–"] * 3
                continue
            one, all_ = times[f"{contestant} one"].median, times[f"{contestant} all"].median
            row += [duration(one), duration(all_), f"{all_ / one:.2f}"]
        rows.append(row)
    cores = os.cpu_count()
    head = ["network"]
    for what in TAKERS.values():
        head += [f"{what}, 1 thread", f"{cores} threads", "ratio"]
    return plain_table(head, rows)


if __name__ == "__main__":
    print("\n".join(lines(measure(int(os.environ.get("ROUNDS", "15"))))))
