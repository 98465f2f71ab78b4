"""A catalogue of sentences. It recognises messages that were put together before they came here.

Messages for the terminal are made in hundreds of places, by f-strings. Their templates stand in a
catalogue with the context `message`, `there is no file `{path}``, and what is printed is held to
them: the longest that fits says it. Values are translated in turn, but for those in backticks, and
those called `path`, `command`, `code` or `names`: these are nobody's sentences.
"""

from __future__ import annotations

import re
from functools import cached_property
from gettext import GNUTranslations

from nndsl.languages.widths import spaced

VERBATIM = {"path", "command", "code", "names"}
MESSAGE = "message\x04"  # how gettext marks a context
LONGEST = 1000  # characters of a text that may be a message: patterns take long on long ones
_VALUE = re.compile(r"\{(\w+)\}")
_NAME = re.compile(r"`[^`]*`")
_PROSE = re.compile(r"[a-z]{2,} +[a-z]{2,}")


class Catalogue(GNUTranslations):
    """The sentences of a language."""

    _catalog: dict[str, str]

    def gettext(self, message: str) -> str:
        """Return a sentence in the language; one that it lacks is what the fallback says."""
        if message not in self._catalog and len(message) <= LONGEST:
            for literal, pattern, template in self._messages:
                found = pattern.fullmatch(message) if literal in message else None
                values = self._values(found) if found is not None else None
                if values is not None:
                    return spaced(template.format(**values))
        return super().gettext(message)

    @cached_property
    def _messages(self) -> list[tuple[str, re.Pattern[str], str]]:
        """The templates of messages, first those that say most themselves.

        Each begins with the longest of its pieces between values: a text without it is none of it.
        """
        templates = {
            key.removeprefix(MESSAGE): text
            for key, text in self._catalog.items()
            if isinstance(key, str) and key.startswith(MESSAGE)
        }
        by_length = sorted(templates, key=lambda text: -len(_VALUE.sub("", text)))
        return [(_literal(one), _pattern(one), templates[one]) for one in by_length]

    def _values(self, found: re.Match[str]) -> dict[str, str] | None:
        """Return the values of a message; what stands in backticks is no word of English.

        None where a value is English that the catalogue lacks: no half of a sentence is translated.
        """
        values = {}
        for name, value in found.groupdict().items():
            is_name = name in VERBATIM or found.string[: found.start(name)].count("`") % 2
            values[name] = value if is_name else self.gettext(value)
            if not is_name and values[name] == value and _PROSE.search(_NAME.sub("", value)):
                return None
        return values


def _literal(template: str) -> str:
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
