"""What a model says when it is used in a wrong way."""


class ModelError(Exception):
    """A model is used in a way that its spec, or an input, does not allow. `help`: the way out."""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
