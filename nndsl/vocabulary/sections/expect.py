"""What must hold."""

from nndsl.vocabulary.section import Section


class Expect(Section):
    """Comparisons, `name <= value`, that must hold; one that needs no run is checked at once.

    `baseline` in the value of a result stands for what is reached without a network.
    """
