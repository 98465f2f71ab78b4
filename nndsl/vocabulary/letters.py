"""The letters that a blackboard has for names in the texts of words, and in scripts.

Each is LaTeX. Other names become what they say: `W1` is W with an index, `alpha` is Greek.
"""

from collections.abc import Mapping

LETTERS: Mapping[str, str] = {
    "loss": "L",
    "penalty": "R",
    "params": r"\theta",
    "mean": r"\mu",
    "var": r"\sigma^{2}",
    "learning_rate": r"\eta",
    "LEARNING_RATE": r"\eta",
    "BASE_RATE": r"\eta_{0}",
    "FEATURES": "D",
}
# What is one number: a product with it has no sign.
NUMBERS = frozenset("N T loss penalty fan_in fan_out step rate margin lr norm shrink".split())
