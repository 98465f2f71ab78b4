"""Errors for a user: each says what is wrong, and many the way out."""


class ExplainedError(Exception):
    """What is asked for cannot be done.

    `help` is the way out, `place` where the page says it, and `code` the exit code of a command.
    """

    code = 2
    place = ""

    def __init__(self, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.help = help
