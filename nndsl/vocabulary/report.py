"""How often training reports."""

from nndsl.vocabulary.builtin import Builtin, Size


class Report(Builtin):
    """How often training reports: after so many epochs each, and after the last."""

    kind = "reports"
    epochs: Size
