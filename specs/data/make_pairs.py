"""Make the examples that pages with several inputs learn from.

`digit_pairs.npz`: pairs of the bundled digits, `left` and `right` (64 grey values), and whether
both are the `same` digit, which half of them are.
`digit_triplets.npz`: a digit, the `anchor`, `one` and the `other`; the `nearer` one is the same.
`digit_names.npz`: a digit, the `picture`, and its `name` in English, letter by letter: numbers of
letters, and -1 behind the end; `before` each letter stands the one before it.
`recommendations.npz`: what 120 people say of 80 films: `person` and `film` (their numbers), what is
known of them (`about_person`, `about_film`), the `rating` from 1 to 5, and whether it was `liked`.
Run `python specs/data/make_pairs.py` from the root of the repository.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
DIGITS = HERE.parents[1] / "nndsl" / "datasets" / "digits.npz"
PAIRS, TRIPLETS, RATINGS, NAMES = 3000, 2000, 4000, 1500
PEOPLE, FILMS, TASTES = 120, 80, 4


def pairs(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return pairs of digits, half of them of the same."""
    with np.load(DIGITS) as digits:
        x, t = digits["x"].reshape(-1, 64), digits["t"]
    same = np.arange(PAIRS) % 2
    left = rng.integers(0, len(x), PAIRS)
    right = np.array(
        [
            rng.choice(np.flatnonzero((t == t[at]) == bool(s)))
            for at, s in zip(left, same, strict=True)
        ]
    )
    return {"left": x[left], "right": x[right], "same": same.astype(np.int8)}


def triplets(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return a digit, one of its class and one of another, in either order, and which is which."""
    with np.load(DIGITS) as digits:
        x, t = digits["x"].reshape(-1, 64), digits["t"]
    anchor, nearer = rng.integers(0, len(x), TRIPLETS), rng.integers(0, 2, TRIPLETS)
    same = [t == t[at] for at in anchor]
    like = np.array([rng.choice(np.flatnonzero(s)) for s in same])
    unlike = np.array([rng.choice(np.flatnonzero(~s)) for s in same])
    one, other = np.where(nearer == 0, (like, unlike), (unlike, like))
    return {"anchor": x[anchor], "one": x[one], "other": x[other], "nearer": nearer.astype(np.int8)}


def names(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return digits with their names: 0 is padding, 1 the beginning and the end, 2 … letters."""
    with np.load(DIGITS) as digits:
        x, t = digits["x"].reshape(-1, 64), digits["t"]
    words = "zero one two three four five six seven eight nine".split()
    letters = sorted({*"".join(words)})
    name = np.full((10, 6), -1)
    for digit, word in enumerate(words):
        name[digit, : len(word) + 1] = [*(2 + letters.index(letter) for letter in word), 1]
    before = np.hstack([np.ones((10, 1), int), np.maximum(name[:, :-1], 0)])
    before[:, 1:][name[:, :-1] == 1] = 0
    chosen = rng.permutation(len(x))[:NAMES]
    t = t[chosen]
    return {
        "picture": x[chosen],
        "before": before[t].astype(np.int8),
        "name": name[t].astype(np.int8),
    }


def recommendations(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return ratings that go by tastes, of which something is known of everybody."""
    tastes = rng.normal(0, 0.6, (PEOPLE, TASTES)), rng.normal(0, 0.6, (FILMS, TASTES))
    person, film = rng.integers(0, PEOPLE, RATINGS), rng.integers(0, FILMS, RATINGS)
    kindness, fame = rng.normal(0, 0.4, PEOPLE), rng.normal(0, 0.5, FILMS)
    score = 3.4 + kindness[person] + fame[film] + (tastes[0][person] * tastes[1][film]).sum(axis=1)
    rating = np.clip(np.round(score + rng.normal(0, 0.4, RATINGS)), 1, 5)
    about = [
        np.column_stack([taste, base]) for taste, base in zip(tastes, (kindness, fame), strict=True)
    ]
    known = [np.round(a + rng.normal(0, 0.2, a.shape), 2).astype(np.float32) for a in about]
    return {
        "person": person.astype(np.int16),
        "film": film.astype(np.int16),
        "about_person": known[0][person],
        "about_film": known[1][film],
        "rating": rating.astype(np.float32),
        "liked": (rating >= 4).astype(np.int8),
    }


if __name__ == "__main__":
    np.savez_compressed(HERE / "digit_pairs.npz", **pairs(np.random.default_rng(1)))
    np.savez_compressed(HERE / "digit_triplets.npz", **triplets(np.random.default_rng(3)))
    np.savez_compressed(HERE / "digit_names.npz", **names(np.random.default_rng(4)))
    np.savez_compressed(HERE / "recommendations.npz", **recommendations(np.random.default_rng(2)))
