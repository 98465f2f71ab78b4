"""One of the values of a list."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from nndsl.vocabulary.builtin import Unevaluated
from nndsl.vocabulary.range import Drawing, Range


class Choice(Range):
    """One of the listed values, every one as likely as any other. They may be of any kind."""

    values: Annotated[tuple[Unevaluated, ...], Field(min_length=1)] = Field(
        description="the values to choose from"
    )

    variadic = "values"
    numeric = False

    @property
    def written(self) -> tuple[str, ...]:
        """The values as they stand in the spec, each once."""
        return tuple(dict.fromkeys(value.span.text for value in self.values))

    def draw(self, drawing: Drawing, name: str) -> str:
        return str(drawing.suggest_categorical(name, self.written))

    def narrowed(self, values: Sequence[str]) -> tuple[str, ...]:
        return tuple(value for value in self.written if value in values)
