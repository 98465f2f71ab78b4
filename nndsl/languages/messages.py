"""Messages that were put together before they are translated: templates recognise them.

What follows the mark is also a part of the tests that a student gets, where no nndsl is.
"""

import re
from collections.abc import Callable, Mapping

# --- Messages in another language ----------------------------------------------------

VERBATIM = {"path", "command", "code", "names"}
ROW = "parts"  # a value that is several, `a, b, c`: each is translated
LONGEST = 1000  # characters of a text that may be a message: patterns take long on long ones
_VALUE = re.compile(r"\{(\w+)\}")
_NAME = re.compile(r"`[^`]*`")
_SENTENCES = re.compile(r"[a-z0-9)]\. [A-Z“]")  # the end of one, and the next: no value
_PROSE = re.compile(r"[a-z]{2,} +[a-z]{2,}")
_JAPANESE = r"[\u3041-\u30ff\u3400-\u9fff々]"
_TOGETHER = re.compile(rf"(?<={_JAPANESE}) +(?={_JAPANESE})")
_APART = re.compile(rf"(?<={_JAPANESE})(?=[A-Za-z0-9(\[`\0])|(?<=[A-Za-z0-9)\]`\0])(?={_JAPANESE})")


class Messages:
    """Templates, and what they are in another language; `said` translates the values in them."""

    def __init__(self, templates: Mapping[str, str], said: Callable[[str], str] | None = None):
        by_length = sorted(templates, key=lambda text: -len(_VALUE.sub("", text)))
        self._patterns = [(_literal(one), _pattern(one), templates[one]) for one in by_length]
        self._said = said or self.line

    def line(self, message: str) -> str:
        """Return a message in the other language, or as it is where no template fits.

        Of those that fit it is the one that says most itself; of `WHERE: WHAT` one that takes
        both comes before one that is a WHAT, and would begin with WHERE.
        """
        other = ""
        lower = message[:1].lower() + message[1:]  # what a template begins with may begin a line
        for literal, pattern, template in self._patterns if len(message) <= LONGEST else ():
            found = pattern.fullmatch(message) if literal in message else None
            if found is None and literal in lower:
                found = pattern.fullmatch(lower)
                found = None if found and found.groups() and not found.start(1) else found
            values = self._values(found) if found is not None else None
            if found is not None and values is not None:
                said = spaced(template.format(**values))
                if not (values and found.start(1) == 0 and ": " in found[1]):
                    return said
                other = other or said
        return other or message

    def lines(self, text: str) -> str:
        """Return a text, each line of which is a message, in the other language."""
        return "\n".join(map(self.line, text.split("\n")))

    def _values(self, found: re.Match[str]) -> dict[str, str] | None:
        """Return the values of a message; what stands in backticks is no word of English.

        None where a value is English that nothing translates, or the end of a sentence and
        another: no half of a sentence is translated.
        """
        values = {}
        for name, value in found.groupdict().items():
            is_name = name in VERBATIM or found.string[: found.start(name)].count("`") % 2
            items = value.split(", ") if name == ROW else [value]
            values[name] = value if is_name else "、".join(map(self._said, items))
            is_english = values[name] == value and _PROSE.search(_NAME.sub("", value))
            if (not is_name and is_english) or _SENTENCES.search(values[name]):
                return None
        return values


def spaced(text: str) -> str:
    """Return a text with a space where Japanese meets Latin letters, and nowhere within it.

    What stands in backticks stays as it is.
    """
    text = text.replace("\0", "\ufffd")  # it stands for a name below
    names = iter(_NAME.findall(text))
    apart = _APART.sub(" ", _TOGETHER.sub("", _NAME.sub("\0", text)))
    return re.sub("\0", lambda _: next(names), apart)


def _literal(template: str) -> str:
    """Return the longest piece between the values of a template: no message is without it."""
    return max(map(_unescaped, _VALUE.split(template)[::2]), key=len)


def _unescaped(part: str) -> str:
    return part.replace("{{", "{").replace("}}", "}")


def _pattern(template: str) -> re.Pattern[str]:
    """Return the pattern of the texts that a template makes."""
    literal = True
    known: set[str] = set()
    pattern = ""
    for part in _VALUE.split(template):
        if literal:
            pattern += re.escape(_unescaped(part))
        elif part in known:
            pattern += f"(?P={part})"
        else:
            known.add(part)
            pattern += f"(?P<{part}>[^`\n]+?)" if pattern.endswith("`") else f"(?P<{part}>[^\n]+?)"
        literal = not literal
    return re.compile(pattern)
