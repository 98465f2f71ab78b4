"""What a notebook shows of a value. A room above says it, of which the value knows nothing."""

from collections.abc import Callable

_html: Callable[[object], str] | None = None


class Displayed:
    """A value that a notebook shows as more than a line of text."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        return _html(self) if _html is not None else None


def display_with(html: Callable[[object], str]) -> None:
    """Let this function say what notebooks show of all values."""
    global _html
    _html = html
