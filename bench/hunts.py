"""Can a bug hunt be told by its comments or its style? And does each show in a check?

python bench/hunts.py 200
python bench/hunts.py 200 layers

Makes hunts of some pages, holds each to the checks, and lets a linear classifier guess which lines
are wrong: it knows the hunts of other students, or of other pages alone, and sees no names. It is
asked twice: which of two lines of one place is wrong, and where in one script the wrong line comes
among all in which a mistake could be. That is what a student sees. Of the right scripts it is asked
the second as well: that much is told by where mistakes are made, and not by what they look like.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from nndsl.analysis.compile import analyse
from nndsl.course.hunts.balance import TOKENS, look
from nndsl.course.hunts.hunts import Hunts
from nndsl.course.hunts.key import PARTS_OF_LEVELS, Hunt
from nndsl.course.hunts.planting import changes, planted, span
from nndsl.diagnostics import Diagnostics
from nndsl.live.judging.reference import Reference
from nndsl.program.style import FLAT
from nndsl.source import Source, source_of

SPECS = Path(__file__).parents[1] / "specs"
PAGES = ("two_layer_net.nn", "digits.nn", "spiral.nn", "sine.nn")
FOLDS = 10
COMMON = 300  # runs of tokens that are looked for
RIDGE = 1.0
Floats = npt.NDArray[np.float64]


def hunts_of(source: Source, count: int, style: str = FLAT) -> tuple[Hunts, list[Hunt]]:
    """Return hunts of a page, of the level that has all kinds of mistakes."""
    reference = Reference(analyse(source, Diagnostics()), with_large=True, style=style)
    made = Hunts(reference, PARTS_OF_LEVELS[max(PARTS_OF_LEVELS)])
    students = [f"{n} of {Path(source.name).stem}" for n in range(count)]
    return made, [made.make(student, 0, 1, is_trained=False) for student in students]


def style_of(line: str) -> list[float]:
    """Return what a comment and spaces tell of a line."""
    code, _, comment = line.partition("#")
    code, comment = code.strip(), comment.strip()
    shape = bool(re.fullmatch(r"\(.*\)", comment))
    spaces = [code.count("  "), code.count("( "), code.count(" )"), code != code.rstrip()]
    return [bool(comment), shape, len(comment), *spaces]


def runs_of(line: str) -> list[str]:
    """Return a line's one to three tokens in a row, with `v` for each name and `0` for a number."""
    tokens = TOKENS.findall(line.partition("#")[0])
    plain = [re.sub(r"[A-Za-z_]\w*", "v", re.sub(r"\d+", "0", token)) for token in tokens]
    starts = [(size, at) for size in (1, 2, 3) for at in range(len(plain) - size + 1)]
    return [" ".join(plain[at : at + size]) for size, at in starts]


class Known(NamedTuple):
    """A share, and its standard error."""

    share: float
    error: float

    def __str__(self) -> str:
        return f"{self.share:.2f} ± {self.error:.2f}"


@dataclass
class Seen:
    """Lines of hunts: whose each is, of which page, and whether it is wrong."""

    lines: list[str]
    owners: npt.NDArray[np.int64]
    pages: npt.NDArray[np.int64]
    wrong: npt.NDArray[np.bool_]

    def features(self, kinds: str) -> Floats:
        """Return what is to be seen: `style`, also `counts`, also `runs` of tokens."""
        rows = [style_of(line) for line in self.lines]
        if kinds != "style":
            codes = (line.partition("#")[0].strip() for line in self.lines)
            rows = [[*row, *look(code)] for row, code in zip(rows, codes, strict=True)]
        if kinds == "runs":
            runs = [Counter(runs_of(line)) for line in self.lines]
            common = [run for run, _ in sum(runs, Counter()).most_common(COMMON)]
            rows = [[*row, *(n[run] for run in common)] for row, n in zip(rows, runs, strict=True)]
        table = np.array(rows, float)
        table = (table - table.mean(axis=0)) / (table.std(axis=0) + 1e-9)
        return np.hstack([np.ones((len(table), 1)), table])

    def scores(self, kinds: str, *, of_other_pages: bool = False) -> Floats:
        """Return how wrong each line looks to who knows the hunts of others."""
        rows = self.features(kinds)
        folds = self.pages if of_other_pages else self.owners % FOLDS
        found = np.zeros(len(rows))
        for fold in np.unique(folds):
            out = folds == fold
            known, labels = rows[~out], self.wrong[~out]
            weights = np.where(labels, 1 / labels.sum(), 1 / (~labels).sum()) * len(labels) / 2
            left = known.T @ (weights[:, None] * known) + RIDGE * np.eye(known.shape[1])
            found[out] = rows[out] @ np.linalg.solve(left, known.T @ (weights * (2 * labels - 1.0)))
        return found


def pairs(made: Sequence[tuple[Hunts, list[Hunt]]]) -> Seen:
    """Return the lines of places with a mistake, with it and without."""
    found = [
        (lines.split("\n")[0], number, page, is_wrong)
        for page, (_, hunts) in enumerate(made)
        for number, hunt in enumerate(hunts)
        for mistake in hunt.mistakes
        if mistake.now and mistake.was
        for lines, is_wrong in ((mistake.now, True), (mistake.was, False))
    ]
    return _seen(found)


def scripts(made: Sequence[tuple[Hunts, list[Hunt]]], *, are_right: bool = False) -> Seen:
    """Return all lines of scripts in which a mistake could be; owners are scripts.

    `are_right`: of scripts without the mistake, and its line is the one in which it would be.
    """
    found = []
    for page, (of, hunts) in enumerate(made):
        places = places_of(of)
        for number, hunt in enumerate(hunts):
            (mistake,) = hunt.mistakes
            if not (mistake.now and mistake.was):
                continue  # nothing stands there that could be looked at
            text, own = (hunt.right if are_right else hunt.text).split("\n"), mistake.first
            moved = 0 if are_right else mistake.now.count("\n") - mistake.was.count("\n")
            inside = range(own, own + mistake.was.count("\n") + 1)
            others = [n + moved * (n > own) for n in places if n not in inside]
            owner = page * len(hunts) + number
            found += [(text[n - 1], owner, page, n == own) for n in sorted([*others, own])]
    return _seen(found)


def places_of(hunts: Hunts) -> list[int]:
    """Return the numbers of the lines of the right script in which a mistake may be."""
    text = hunts.script.text
    right, (mistakes, _) = text(hunts.functions).split("\n"), hunts.likely
    wrong = (text(planted(hunts.functions, [mistake])).split("\n") for mistake in mistakes)
    return sorted({span(changes(right, lines))[0] + 1 for lines in wrong})


def _seen(found: Sequence[tuple[str, int, int, bool]]) -> Seen:
    lines, owners, pages, wrong = zip(*found, strict=True)
    return Seen([*lines], np.array(owners), np.array(pages), np.array(wrong))


def told(seen: Seen, scores: Floats) -> Known:
    """Return how often a wrong line looks more wrong than a right one (AUC): 0.5 is chance."""
    more: Any = np.sign(scores[seen.wrong][:, None] - scores[~seen.wrong]) / 2
    of_each = (more.mean(axis=1), more.mean(axis=0))
    return Known(more.mean() + 0.5, np.sqrt(sum(one.var() / len(one) for one in of_each)))


def ranked(seen: Seen, scores: Floats) -> tuple[Known, float, float]:
    """Return how often it does so in its script, its mean rank, and that of chance."""
    above, ranks, chances = [], [], []
    for owner in np.unique(seen.owners):
        own = seen.owners == owner
        wrong, right = scores[own & seen.wrong], scores[own & ~seen.wrong]
        higher = float((np.sign(right - wrong) + 1).sum() / 2)
        above.append(1 - higher / len(right))
        ranks.append(1 + higher)
        chances.append(1 + len(right) / 2)
    known = Known(np.mean(above), np.std(above) / np.sqrt(len(above)))
    return known, float(np.mean(ranks)), float(np.mean(chances))


def main() -> None:
    """Print how many hunts there are of each part, and whether a classifier tells them."""
    count = int(sys.argv[1]) if sys.argv[1:] else 200
    style = sys.argv[2] if sys.argv[2:] else FLAT
    made = [hunts_of(source_of(SPECS / page), count // len(PAGES), style) for page in PAGES]
    hunts = [hunt for _, some in made for hunt in some]
    mistakes = [mistake for hunt in hunts for mistake in hunt.mistakes]
    print(f"{len(hunts)} hunts, {len({hunt.text for hunt in hunts})} of them different")
    for name in ("part", "kind"):
        found = Counter(getattr(mistake, name) for mistake in mistakes)
        print(f"{name}s: {', '.join(f'{title} {n}' for title, n in found.most_common())}")
    print(f"without a check that fails: {sum(not mistake.shows for mistake in mistakes)}")
    of_places, of_scripts, of_right = pairs(made), scripts(made), scripts(made, are_right=True)
    for kinds, title in (
        ("style", "comments and spaces"),
        ("counts", "these, lengths and numbers of signs"),
        ("runs", "these, and up to three tokens in a row"),
    ):
        print(f"told by {title} (0.5 is chance):")
        for others in (False, True):
            pair = told(of_places, of_places.scores(kinds, of_other_pages=others))
            found_at = ranked(of_scripts, of_scripts.scores(kinds, of_other_pages=others))
            where = ranked(of_right, of_right.scores(kinds, of_other_pages=others))
            print(
                f"  who knows {'other pages' if others else 'other students'}: of two lines "
                f"{pair}; in a script {found_at[0]}, rank {found_at[1]:.1f} "
                f"(chance {found_at[2]:.1f}); in the right one {where[0]}"
            )


if __name__ == "__main__":
    main()
