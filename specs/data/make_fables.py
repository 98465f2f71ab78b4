"""Make fables.txt: little fables of invented animals, which follow a plan and vary its words.

A fable has a place, an animal that wants something, one that warns or helps it, an end that
follows from what was done, and a moral that follows from the end. So there is something to learn
at every distance: letters, words, the order of a sentence, and who the fable is about.
"""

from __future__ import annotations

import random
from pathlib import Path

FABLES = 70
ANIMALS = {
    "fox": "he", "crow": "she", "hare": "he", "tortoise": "she", "wolf": "he", "mouse": "she",
    "heron": "he", "goat": "she", "badger": "he", "hen": "she", "frog": "he", "otter": "she",
}  # fmt: skip
KINDS = "old young proud hungry quiet clever idle patient".split()
PLACES = (
    "at the edge of a wood", "beside a slow river", "on a hill above the village",
    "in a field of barley", "under an apple tree", "near an empty mill",
)  # fmt: skip
TIMES = ("One morning", "One evening", "After the rain", "In the first snow", "On a hot day")
WISHES = (
    ("find honey", "the bees were still awake", "honey"),
    ("cross the water", "the ice was thin", "the other bank"),
    ("carry home a cheese", "the path was steep", "the cheese"),
    ("drink from the well", "the rope was short", "the water"),
    ("eat the last pear", "the branch was weak", "the pear"),
    ("sleep in the barn", "the dog was near", "a warm bed"),
)
WARNINGS = ("Wait a little, {name}", "Do not hurry, {name}", "Look twice, {name}")
PROUD = (
    '"I have never waited for anybody," said the {name}, and ran on.',
    'The {name} laughed. "You are afraid of everything," {he} said.',
    "But the {name} did not listen, and went faster than before.",
)
WISE = (
    '"You may be right," said the {name}, and sat down to think.',
    "The {name} listened, and looked, and saw that it was true.",
    '"Then let us go together," said the {name}, "and share it."',
)
LOST = (
    "Soon {he} was back, wet and hungry, and {prize} was lost.",
    "Before the sun was down {he} had neither {prize} nor a dry coat.",
)
WON = (
    "When the time came, {he} had {prize}, and half of it was enough.",
    "So {he} came late, but {he} came home with {prize} and a friend.",
)
MORALS = {
    False: ("Who does not listen must feel.", "Haste counts the steps and forgets the road."),
    True: ("A friend's eyes see twice as far.", "Who can wait has half the work done."),
}


def fable(draw: random.Random) -> str:
    """Return one fable, a paragraph of a few sentences and its moral."""
    name, other = draw.sample(sorted(ANIMALS), 2)
    kind, place, time = draw.choice(KINDS), draw.choice(PLACES), draw.choice(TIMES)
    wish, danger, prize = draw.choice(WISHES)
    listens = draw.random() < 0.5
    article = "An" if kind[0] in "aeiou" else "A"
    sentences = [
        f"{article} {kind} {name} lived {place}.",
        f"{time} {ANIMALS[name]} wanted to {wish}, but {danger}.",
        f'"{draw.choice(WARNINGS)}," said the {other}.',
        draw.choice(WISE if listens else PROUD),
        draw.choice(WON if listens else LOST),
        f"\n{draw.choice(MORALS[listens])}",
    ]
    return " ".join(sentences).replace(" \n", "\n").format(name=name, he=ANIMALS[name], prize=prize)


def fables() -> str:
    """Return all fables, with an empty line between two of them; always the same."""
    draw = random.Random(7)
    return "\n\n".join(fable(draw) for _ in range(FABLES)) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("fables.txt").write_text(fables(), encoding="utf-8")
