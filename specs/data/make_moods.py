"""Make moods.csv: sentences of guests of an invented inn, and whether they were content.

What they say is turned round by small words (not, hardly, nothing but), so that to count good and
bad words is not enough: their order matters.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

ROWS = 800
THINGS = "soup bed view bread garden stove host cellar breakfast stair music wine".split()
GOOD = "good warm lovely fresh quiet kind splendid clean cheerful fine".split()
BAD = "bad cold dreadful stale noisy rude shabby dirty gloomy poor".split()
PLAIN = ("the {thing} was {word}", "we found the {thing} {word}", "such a {word} {thing}")
TURNED = (
    "the {thing} was not {word}",
    "the {thing} was hardly {word}",
    "nobody could call the {thing} {word}",
    "the {thing} was anything but {word}",
)
BEFORE = ("", "", "we came late and ", "it rained all day , and ", "as always , ", "i must say ")
BEHIND = ("", "", " .", " , and we stayed three nights .", " , said my aunt .", " !")


def sentence(rng: random.Random) -> tuple[str, str]:
    """Return a sentence, and what mood it is of."""
    is_good, turns = rng.random() < 0.5, rng.random() < 0.5
    word = rng.choice(GOOD if is_good != turns else BAD)
    form = rng.choice(TURNED if turns else PLAIN)
    said = form.format(thing=rng.choice(THINGS), word=word)
    return rng.choice(BEFORE) + said + rng.choice(BEHIND), "content" if is_good else "angry"


def main() -> None:
    """Write the table beside this file."""
    rng = random.Random(0)
    path = Path(__file__).with_name("moods.csv")
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["sentence", "mood"])
        table.writerows(sentence(rng) for _ in range(ROWS))


if __name__ == "__main__":
    main()
