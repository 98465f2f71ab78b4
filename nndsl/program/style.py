"""How the network of a script is written, and whose letters it has."""

# As functions in reading order, or as objects with a class for each kind of layer.
FLAT, LAYERS = STYLES = ("flat", "layers")
# Letters: see naming.py.
BLACKBOARD, BOOK, CS231N = NAMINGS = ("blackboard", "book", "cs231n")


def require_style(style: str, *, is_flat: bool) -> None:
    """ValueError where there is no such style, or where a script has to be flat."""
    if style not in STYLES:
        raise ValueError(f"a style is {' or '.join(STYLES)}, and not {style!r}")
    if is_flat and style != FLAT:
        raise ValueError(f"this script has one style, {FLAT}: leave out `style`")


def require_naming(naming: str) -> None:
    """ValueError where there is no such way to name things."""
    if naming not in NAMINGS:
        raise ValueError(f"names are those of {', '.join(NAMINGS)}, and not {naming!r}")
