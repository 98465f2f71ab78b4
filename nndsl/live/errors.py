"""What a model says when it is used in a wrong way."""

from nndsl.explained import ExplainedError


class ModelError(ExplainedError):
    """A model is used in a way that its spec, or an input, does not allow."""


class PageError(ModelError):
    """The page itself does not allow it, whatever is given beside it."""

    code = 1
