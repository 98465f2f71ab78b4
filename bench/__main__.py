"""Measures everything and writes docs/performance.md: python -m bench (or --quick)."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from bench import chart, comparison, startup, steps, table, threads, whole_run
from bench.contestants import CONTESTANTS
from bench.machine import VARIABLES, description, unset_variables
from bench.networks import NETWORKS

DOCS = Path(__file__).parents[1] / "docs"


def main() -> None:
    """Run the suite."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds; nothing is written")
    parser.add_argument("--networks", nargs="*", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--steps-only", action="store_true", help="only the times of steps")
    given = parser.parse_args()
    rounds = 5 if given.quick else 25
    missing = [c.title for c in CONTESTANTS.values() if not c.is_there]
    if missing:
        print(f"not installed, and left out: {', '.join(missing)}", file=sys.stderr)
    measured = steps.measure(given.networks, rounds)
    for line in (*table.step_tables(measured), *table.goal_table(measured)):
        print(line)
    if given.steps_only:
        return
    parts = {
        "A whole run": whole_run.lines(whole_run.measure(2 if given.quick else 5)),
        "A comparison": comparison.lines(comparison.measure(1 if given.quick else 5)),
        "Threads": threads.lines(threads.measure(3 if given.quick else 15)),
        "The compiler": startup.lines(startup.measure(3 if given.quick else 15)),
    }
    for title, lines in parts.items():
        print(f"\n{title}\n" + "\n".join(lines))
    if given.quick:
        return
    drawn = chart.draw(measured, DOCS / "performance.svg")
    _write(measured, parts, missing, drawn=drawn)


def _write(
    measured: steps.Measured, parts: dict[str, list[str]], missing: list[str], *, drawn: bool
) -> None:
    """Write the measured part of the page; what people wrote below it stays."""
    page = DOCS / "performance.md"
    marks = ("<!-- measured: begin -->", "<!-- measured: end -->")
    text = page.read_text("utf-8")
    before, _, rest = text.partition(marks[0])
    _, _, after = rest.partition(marks[1])
    lines = [marks[0], "", *(f"- {line}" for line in description())]
    if missing:
        lines.append(f"- not installed, and left out: {', '.join(missing)}")
    lines += ["", "## Goals", "", *table.goal_table(measured), ""]
    if drawn:
        lines += ["![Steps relative to PyTorch](performance.svg)", ""]
    lines += ["## Steps", "", *table.step_tables(measured)]
    for title, found in parts.items():
        lines += [f"## {title}", "", *found, ""]
    page.write_text(before + "\n".join([*lines, marks[1]]) + after, "utf-8")


if __name__ == "__main__":
    if any(name in os.environ for name in VARIABLES):
        os.execve(sys.executable, [sys.executable, "-m", "bench", *sys.argv[1:]], unset_variables())
    main()
