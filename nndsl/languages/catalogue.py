"""A catalogue of sentences. It recognises messages that were put together before they came here.

Messages for the terminal are made in hundreds of places, by f-strings. Their templates stand in a
catalogue with the context `message`, `there is no file `{path}``, and what is printed is held to
them: the longest that fits says it. Values are translated in turn, but for those in backticks, and
those called `path`, `command`, `code` or `names`: these are nobody's sentences. One called `parts`
is several, `a, b, c`. What checks say of a student's script has the context `check`, since it is
held to no other template, and a student's tests take it along; `script` has what is said of one
by its process or against its whole page, which these tests never say. What the page of `nndsl play`
has in its own HTML and JavaScript is its own, in the context `page`: a browser takes it along.
"""

from functools import cached_property
from gettext import GNUTranslations

from nndsl.languages.messages import Messages

MESSAGE, CHECK, SCRIPT = "message", "check", "script"  # contexts


class Catalogue(GNUTranslations):
    """The sentences of a language."""

    _catalog: dict[str, str]

    def gettext(self, message: str) -> str:
        """Return a sentence in the language; one that it lacks is what the fallback says."""
        if message not in self._catalog:
            said = self._messages.line(message)
            if said != message:
                return said
        return super().gettext(message)

    def templates(self, context: str) -> dict[str, str]:
        """Return the templates of messages with a context, and what they are here."""
        begin = f"{context}\x04"  # how gettext marks it
        return {
            key.removeprefix(begin): text
            for key, text in self._catalog.items()
            if isinstance(key, str) and key.startswith(begin)
        }

    @cached_property
    def checks(self) -> Messages:
        """What checks say of a script."""
        return Messages(self.templates(SCRIPT) | self.templates(CHECK))

    @cached_property
    def _messages(self) -> Messages:
        return Messages(self.templates(MESSAGE), self.gettext)
