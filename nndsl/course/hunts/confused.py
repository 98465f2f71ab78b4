"""Which variable people take for another: one of the same role, and not any of the same shape.

Roles are told by names: a gradient is `d` and the name of its value, layers have numbers, and
what is made of a value keeps its name: `x_hat`, `running_mean`.
"""

import re
from collections.abc import Mapping, Set

from nndsl.live.judging.observation import ME, Array

MASK = "mask"  # what a value is multiplied by, and never taken for one


def are_confused(
    name: str, other: str, arrays: Mapping[str, Array], sources: Mapping[str, Set[str]]
) -> bool:
    """Is one variable of a function taken for another? `sources`: what each is made of.

    It is where one is the gradient of the other, one is the other of another layer, one has a name
    made of the other's, or for each example both are of one layer, or one is made of the other.
    """
    one, two = (variable.removeprefix(f"{ME}.") for variable in (name, other))
    if f"d{one}" == two or f"d{two}" == one:
        return True
    (stem, number), (other_stem, other_number) = map(_split, (one, two))
    if stem == other_stem:
        return True
    if (stem == MASK) != (other_stem == MASK) or number != other_number:
        return False
    words, other_words = sorted((stem.split("_"), other_stem.split("_")), key=len)
    if other_words[: len(words)] == words or other_words[-len(words) :] == words:
        return True
    has_rows = arrays[name].ndim > 1
    is_made_of_it = other in sources.get(name, ()) or name in sources.get(other, ())
    return has_rows and (bool(number) or is_made_of_it)


def _split(name: str) -> tuple[str, str]:
    """Return a name without its number, and the number: `W` and `1`."""
    stem = re.sub(r"\d+$", "", name)
    return stem, name[len(stem) :]
