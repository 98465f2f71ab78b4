"""What is written down while training."""

from nndsl.vocabulary.section import Section


class Record(Section):
    """The instruments that watch the training, one a line."""
