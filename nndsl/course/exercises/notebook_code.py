"""The code of a notebook: without cells that check it, and what Jupyter alone understands.

What follows the mark is also a part of the tests that a student gets.
"""

import json
import re

# --- The code of a notebook ----------------------------------------------------------

CHECK = re.compile(  # a line that calls checks or imports them, and does not speak of them
    r"^[^#\n'\"]*(?:\b(?:from|import) exercise_checks\b|\botter\.Notebook\(|\bgrader\.check)", re.M
)
BRACKETS = dict.fromkeys("([{", 1) | dict.fromkeys(")]}", -1)
PIECES = {  # of a line of Python, by the quote of the string of several lines that it begins in
    "": re.compile(r"'''|\"\"\"|'(?:\\.|[^\\'])*'?|\"(?:\\.|[^\\\"])*\"?|#.*|[()\[\]{}]"),
    "'''": re.compile(r"\\.|'''"),
    '"""': re.compile(r'\\.|"""'),
}


def notebook_code(text: str) -> str:
    """Return the cells of code of a notebook without checks and magic. ValueError: it is none."""
    try:
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in cells]
        sources = [source for source in sources if not is_check(source)]
    except (KeyError, TypeError, RecursionError):
        raise ValueError("it is no notebook") from None
    return "\n\n".join(map(without_magic, sources)) + "\n"


def is_check(source: str) -> bool:
    """Does a cell of a notebook check others, instead of being a part of the script?"""
    return CHECK.search(source) is not None


def without_magic(source: str) -> str:
    """Leave out what Jupyter alone understands: `%matplotlib inline`, `!pip install …`."""
    kept, brackets, quote, is_continued = [], 0, "", False  # what is open at the end of a line
    for line in source.split("\n"):
        goes_on = brackets > 0 or quote or is_continued
        is_magic = not goes_on and line.lstrip().startswith(("%", "!", "get_ipython()"))
        kept.append("" if is_magic else line)
        is_continued = not is_magic and line.endswith("\\")
        at = len(line) if is_magic else 0
        while piece := PIECES[quote].search(line, at):
            at, found = piece.end(), piece[0]
            if quote or found in PIECES:
                quote = found if not quote else "" if found == quote else quote
            elif found in BRACKETS:
                brackets = max(0, brackets + BRACKETS[found])
    return "\n".join(kept)
