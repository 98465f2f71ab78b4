"""One contestant on one network: reads numbers of steps, answers with seconds."""

from __future__ import annotations

import sys
import time

from bench.contestants import CONTESTANTS
from bench.networks import NETWORKS


def main() -> None:
    contestant, network = sys.argv[1:]
    step = CONTESTANTS[contestant].build(NETWORKS[network])
    number = 0
    for line in sys.stdin:
        begun = time.perf_counter()
        for _ in range(int(line)):
            step(number)
            number += 1
        print(time.perf_counter() - begun, flush=True)


if __name__ == "__main__":
    main()
