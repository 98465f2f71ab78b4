"""What must hold."""

from nndsl.vocabulary.section import Section


class Expect(Section):
    """Comparisons, `name <= value`, that must hold; one that needs no run is checked at once."""
