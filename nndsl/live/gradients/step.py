"""A statement of a script, among those of one function."""

from dataclasses import dataclass

from nndsl.ir import Statement


@dataclass(frozen=True, slots=True)
class Step:
    """A statement with unique names, and what stands for it in the script."""

    numbers: range  # of its lines in the script
    statement: Statement
    written: Statement
    function: str  # of the script, in which it stands
    shown: str = ""  # how it stands there, if not as a statement
    calls: tuple[tuple[str, str], ...] = ()  # around it, innermost first: where, and what it writes

    @property
    def line(self) -> int:
        """The number of its first line."""
        return self.numbers[0]

    @property
    def writes(self) -> tuple[str, ...]:
        """The variables that it binds or changes."""
        return self.statement.writes
