"""Why a search cannot go on."""

from __future__ import annotations


class SearchError(Exception):
    """A search cannot go on; the text says why."""


class NoStorage(SearchError):
    """The storage of a search cannot be opened, or does not answer."""


class OtherSearch(SearchError):
    """A folder, or a study, is that of another search. `differences` say in what."""

    def __init__(self, differences: list[str]) -> None:
        super().__init__("; ".join(differences))
        self.differences = differences
