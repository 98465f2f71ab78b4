"""What a model says when it is used in a wrong way."""

from nndsl.explained import ExplainedError


class ModelError(ExplainedError):
    """A model is used in a way that its spec, or an input, does not allow."""
