"""Texts of a spec as literals of a script."""

from __future__ import annotations


def quoted(text: str) -> str:
    """Write a text as one Python literal on one line, in double quotes where it holds none."""
    literal = repr(text)  # escapes whatever does not print: newlines, separators, lone surrogates
    return f'"{literal[1:-1]}"' if literal[0] == "'" and '"' not in literal else literal


def listed(texts: tuple[str, ...]) -> str:
    """Write texts as a tuple: `("a", "b")`."""
    return f"({', '.join(map(quoted, texts))}{',' * (len(texts) == 1)})"
