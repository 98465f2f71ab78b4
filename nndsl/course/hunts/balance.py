"""Which of many mistakes are made, so that none is told by the looks of its line.

What is forgotten makes a line shorter, and it is easier to forget something than to write it twice.
So each line is as likely to be wrong, and of the mistakes that it may have those are made more
often that add what the others take away: over all lines signs, names and lengths stay the same.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from nndsl.course.hunts.mistakes import Functions, Mistake
from nndsl.course.hunts.planting import changes, span
from nndsl.ir import Statement
from nndsl.ir.printer import statement as print_statement

SIGNS = "+ - * ** / @ ( [ . , < > = == += -= /=".split()
TOKENS = re.compile(r"\w+|\*\*|[-+*/<>=]=|[^\w\s]")
GIVE = 0.1  # how far balance is given up so that no mistake is made too often
ROUNDS = 100  # of Newton's method: fewer are enough
CLOSE = 1e-9  # a step that is no step

PASSED = "_backward"  # how a function ends that is the backward pass of another
OFTEN = 3  # times as likely is a mistake in a function that has a backward pass
AT_A_PLACE = 8  # mistakes that are looked at: enough that those that add and take away balance

Place = tuple[str, int, int]  # a function, a statement, and a line of it
Floats = npt.NDArray[np.float64]


def likely_mistakes(
    mistakes: Sequence[Mistake],
    functions: Functions,
    is_one: Callable[[Mistake], bool],
) -> tuple[list[Mistake], Floats]:
    """Return mistakes, some of each line, and how likely each is.

    `is_one` says whether something is wrong by it. What has a function with a backward pass of
    its own is what a page is about: that is likelier.
    """
    at: dict[Place, list[tuple[Mistake, Floats]]] = {}
    seen: Counter[tuple[Place, str]] = Counter()
    drawn = []
    for number in np.random.default_rng(0).permutation(len(mistakes)):
        mistake = mistakes[number]
        place, change = _change(mistake, functions[mistake.function][mistake.at])
        seen[place, mistake.kind] += 1
        drawn.append((seen[place, mistake.kind], place, mistake, change))
    for _, place, mistake, change in sorted(drawn, key=lambda one: one[0]):  # one of each kind
        there = at.setdefault(place, [])
        if len(there) < AT_A_PLACE and is_one(mistake):
            there.append((mistake, change))
    found = [(place, *one) for place in sorted(at) for one in at[place]]
    kinds = Counter((place, mistake.kind) for place, mistake, _ in found)
    several = Counter(place for place, _ in kinds)
    own = {name for name in functions if name.endswith(PASSED) or name + PASSED in functions}
    prior = [
        (OFTEN if place[0] in own else 1) / several[place] / kinds[place, mistake.kind]
        for place, mistake, _ in found
    ]
    if not found:
        return [], np.zeros(0)
    places, made, changes_of_look = map(list, zip(*found, strict=True))
    return made, balanced(np.array(changes_of_look), places, np.array(prior))


def place_of(mistake: Mistake, functions: Functions) -> Place:
    """Return the line in which a mistake is."""
    return _change(mistake, functions[mistake.function][mistake.at])[0]


def _change(mistake: Mistake, made: Statement) -> tuple[Place, Floats]:
    """Return the line in which a mistake is, and what it adds to its look."""
    before = made.text.split("\n")
    now = print_statement(mistake.node).split("\n") if mistake.node is not None else []
    begin, end, first, last = span(changes(before, now))
    is_one_for_another = begin < end and first < last and not mistake.body
    change = look("\n".join(now[first:last])) - look("\n".join(before[begin:end]))
    return (mistake.function, mistake.at, begin), change * is_one_for_another


def look(code: str) -> Floats:
    """Return what there is to see of code beside its names, each as a number."""
    tokens = TOKENS.findall(code)
    count = Counter(tokens)
    names = [token for token in tokens if token[0].isalpha()]
    digits = sum(character.isdigit() for character in code)
    sizes = (len(code), len(tokens), len(names), len({*names}), digits, code.count(".T"))
    return np.array([*sizes, *(count[sign] for sign in SIGNS)], float)


def balanced(changes: Floats, places: Sequence[object], prior: Floats) -> Floats:
    """Return how likely each mistake is: they sum to one.

    A row of `changes` says what a mistake adds to the look of its place. `prior` says how likely it
    is there by itself: they sum to what the place is worth. The answer is as near to the prior
    as it can be while each place keeps its worth and `changes` are zero on average.
    """
    known = {place: number for number, place in enumerate(dict.fromkeys(places))}
    at = np.array([known[place] for place in places])
    worth = np.bincount(at, prior)
    scaled = changes / np.maximum(changes.std(axis=0), 1e-9)
    force = np.zeros(changes.shape[1])

    def weighed(force: Floats) -> tuple[float, Floats]:
        """Return what is to be least, and how likely each mistake is under a force."""
        push = scaled @ force
        most = np.full(len(worth), -np.inf)
        np.maximum.at(most, at, push)
        tilted = prior * np.exp(push - most[at])
        sums = np.bincount(at, tilted)
        loss = worth @ (np.log(sums) + most) + GIVE / 2 * force @ force
        return float(loss), tilted * (worth / sums)[at]

    least, likely = weighed(force)
    for _ in range(ROUNDS):
        mean = np.zeros((len(worth), len(force)))
        np.add.at(mean, at, likely[:, None] * scaled)
        slope = mean.sum(axis=0) + GIVE * force
        curve = scaled.T @ (likely[:, None] * scaled) - mean.T @ (mean / worth[:, None])
        step = np.linalg.solve(curve + GIVE * np.eye(len(force)), slope)
        while (tried := weighed(force - step))[0] > least and np.abs(step).max() > CLOSE:
            step /= 2
        if np.abs(step).max() <= CLOSE:
            break
        force, (least, likely) = force - step, tried
    shares: Floats = likely / worth.sum()
    return shares
