"""A report every so many epochs."""

from pydantic import Field

from nndsl.vocabulary.builtin import Size
from nndsl.vocabulary.report import Report


class Every(Report):
    """Report after every so many epochs, and after the last."""

    epochs: Size = Field(description="epochs from one report to the next")
