"""Can a bug hunt be told by its comments or its style? And does each show in a check?

python bench/hunts.py 200

Makes hunts of some pages, holds each to the checks, and lets a linear classifier guess which of two
lines of a place is wrong: it knows other students' hunts, and sees no names. What a comment or a
space tells is style; how many signs there are is already what the code says.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from nndsl.analysis.compile import analyse
from nndsl.course.hunts import LEVELS, Hunt, Hunts
from nndsl.course.reference import Reference
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source, source_of

SPECS = Path(__file__).parents[1] / "specs"
PAGES = ("two_layer_net.nn", "digits.nn", "spiral.nn", "sine.nn")
FOLDS = 10
Floats = npt.NDArray[np.float64]


def hunts_of(source: Source, count: int) -> tuple[Hunts, list[Hunt]]:
    """Return hunts of a page, of the level that has all kinds of mistakes."""
    reference = Reference(analyse(source, Diagnostics()), with_large=True)
    made = Hunts(reference, LEVELS[max(LEVELS)])
    return made, [made.make(f"student {n}", 0, 1, is_trained=False) for n in range(count)]


def look_of(line: str) -> list[float]:
    """Return what there is to see of a line beside its names: first comments and spaces."""
    code, _, comment = line.partition("#")
    code, comment = code.strip(), comment.strip()
    shape = bool(re.fullmatch(r"\(.*\)", comment))
    spaces = [code.count("  "), code.count("( "), code.count(" )"), code != code.rstrip()]
    signs = [code.count(sign) for sign in ("-", "+", "*", "/", "@", "(", ".", "<", ">")]
    return [1.0, bool(comment), shape, len(comment), *spaces, *signs]


OF_STYLE = 8  # the first of them


def examples(hunts: Sequence[Hunt]) -> Iterator[tuple[list[float], bool, int]]:
    """Yield lines of places with a mistake, with it and without, and whose they are."""
    for number, hunt in enumerate(hunts):
        for mistake in hunt.mistakes:
            for lines, is_wrong in ((mistake.now, True), (mistake.was, False)):
                for line in lines.split("\n")[:1] if mistake.now and mistake.was else ():
                    yield look_of(line), is_wrong, number


def told_by(hunts: Sequence[Hunt], features: int | None) -> float:
    """Return how often a wrong line looks more wrong than a right one (AUC): 0.5 is chance."""
    rows, labels, owners = (np.array(column) for column in zip(*examples(hunts), strict=True))
    rows = ((rows - rows.mean(axis=0)) / (rows.std(axis=0) + 1e-9))[:, :features]
    rows[:, 0] = 1
    scores = np.zeros(len(rows))
    for fold in range(FOLDS):
        out = owners % FOLDS == fold
        known, target = rows[~out], 2.0 * labels[~out] - 1
        weights = np.linalg.solve(known.T @ known + np.eye(rows.shape[1]), known.T @ target)
        scores[out] = rows[out] @ weights
    wrong, right = scores[labels], scores[~labels]
    more: Any = np.sign(wrong[:, None] - right)
    return float((more.mean() + 1) / 2)


def main() -> None:
    """Print how many hunts there are of each part, and whether a classifier tells them."""
    count = int(sys.argv[1]) if sys.argv[1:] else 200
    hunts = [h for page in PAGES for h in hunts_of(source_of(SPECS / page), count // len(PAGES))[1]]
    mistakes = [mistake for hunt in hunts for mistake in hunt.mistakes]
    print(f"{len(hunts)} hunts, {len({hunt.text for hunt in hunts})} of them different")
    for name in ("part", "kind"):
        found = Counter(getattr(mistake, name) for mistake in mistakes)
        print(f"{name}s: {', '.join(f'{title} {n}' for title, n in found.most_common())}")
    print(f"without a check that fails: {sum(not mistake.shows for mistake in mistakes)}")
    print(f"told by comments and spaces: {told_by(hunts, OF_STYLE):.2f} (0.5 is chance)")
    print(f"by these and the number of signs: {told_by(hunts, None):.2f}")


if __name__ == "__main__":
    main()
