"""Code of scripts about data: literals, and statements of several kinds of data."""


def quoted(text: str) -> str:
    """Return a text as a Python literal on one line, in double quotes unless it holds some."""
    literal = repr(text)  # escapes newlines, separators, surrogates
    return f'"{literal[1:-1]}"' if literal[0] == "'" and '"' not in literal else literal


def listed(texts: tuple[str, ...]) -> str:
    """Return the code of a tuple of texts: `("a", "b")`."""
    return f"({', '.join(map(quoted, texts))}{',' * (len(texts) == 1)})"


def scaled(scale: float) -> str:
    """Return the code that scales inputs: ` / 255`, ` * 0.5`, or "" for a scale of 1."""
    if scale == 1:
        return ""
    divisor = round(1 / scale) if scale and abs(1 / scale) < 2**53 else 0
    return f" / {divisor}" if divisor > 1 and 1 / divisor == scale else f" * {scale!r}"


def refuse_non_finite(arrays: dict[str, str]) -> list[str]:
    """Return statements that refuse values that are not finite. `arrays`: variable -> name."""
    named = ", ".join(f"{quoted(name)}: {variable}" for variable, name in arrays.items())
    return [
        f"for name, array in {{{named}}}.items():",
        "    if not np.isfinite(array).all():",
        "        place = str(np.argwhere(~np.isfinite(array))[0])",
        '        raise ValueError(name + " is not finite at " + place)',
    ]
