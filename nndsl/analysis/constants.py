"""What a `let` is called in the script."""

import re
from collections.abc import Container

# What the frame of a script and functions of layers call their own settings and arrays.
RESERVED = frozenset("SEED BATCH_SIZE EPOCHS STEPS TOTAL_STEPS WEIGHTS BLOCK N X W U C P".split())


def constant_name(name: str, taken: Container[str]) -> str:
    """Return `HIDDEN` for `hidden`, or a name like it that a script has room for."""
    chosen = name.upper()
    if chosen in RESERVED or re.fullmatch(r"[A-Z]_?[0-9]+", chosen):  # as of an array: A1
        chosen = f"N_{chosen}"
    number, base = 1, chosen
    while chosen in taken:
        number += 1
        chosen = f"{base}_{number}"
    return chosen
