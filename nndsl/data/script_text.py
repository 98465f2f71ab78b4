"""What scripts say of data: literals, and statements that several kinds of data share."""

from __future__ import annotations


def quoted(text: str) -> str:
    """Write a text as one Python literal on one line, in double quotes where it holds none."""
    literal = repr(text)  # escapes whatever does not print: newlines, separators, lone surrogates
    return f'"{literal[1:-1]}"' if literal[0] == "'" and '"' not in literal else literal


def listed(texts: tuple[str, ...]) -> str:
    """Write texts as a tuple: `("a", "b")`."""
    return f"({', '.join(map(quoted, texts))}{',' * (len(texts) == 1)})"


def scaled(scale: float) -> str:
    """Write how inputs are scaled: ` / 255`, ` * 0.5`, or nothing where the scale is 1."""
    if scale == 1:
        return ""
    divisor = round(1 / scale) if scale and abs(1 / scale) < 2**53 else 0
    return f" / {divisor}" if divisor > 1 and 1 / divisor == scale else f" * {scale!r}"


def refuse_non_finite(arrays: dict[str, str]) -> list[str]:
    """Return the statements that refuse arrays: how they are called, by their variables."""
    named = ", ".join(f"{quoted(name)}: {variable}" for variable, name in arrays.items())
    return [
        f"for name, array in {{{named}}}.items():",
        "    if not np.isfinite(array).all():",
        "        place = str(np.argwhere(~np.isfinite(array))[0])",
        '        raise ValueError(name + " is not finite at " + place)',
    ]
