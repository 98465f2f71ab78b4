"""One table from pydantic's errors to codes and words of the language."""

from collections.abc import Mapping
from typing import Any

from nndsl.analysis.slots import Slot

# type of the error -> code, and a message over {field} {value} {wanted} and the error's own context
TABLE: Mapping[str, tuple[str, str]] = {
    "greater_than": ("NN209", "`{field}` must be greater than {gt}, and here it is {value}"),
    "greater_than_equal": ("NN209", "`{field}` must be at least {ge}, and here it is {value}"),
    "less_than": ("NN209", "`{field}` must be less than {lt}, and here it is {value}"),
    "less_than_equal": ("NN209", "`{field}` must be at most {le}, and here it is {value}"),
    "finite_number": ("NN209", "`{field}` must be a finite number"),
    "too_short": ("NN208", "`{field}` must hold at least {min_length} values"),
    "too_long": ("NN208", "`{field}` must hold at most {max_length} values"),
    "string_too_short": ("NN208", "`{field}` must not be empty"),
    "int_type": ("NN208", "`{field}` must be {wanted}, and here it is {value}"),
    "int_from_float": ("NN210", "`{field}` must be {wanted}, and here it is {value}"),
    "float_type": ("NN208", "`{field}` must be {wanted}, and here it is {value}"),
    "bool_type": ("NN208", "`{field}` must be {wanted}, and here it is {value}"),
    "string_type": ("NN208", "`{field}` must be {wanted}, and here it is {value}"),
    "tuple_type": ("NN208", "`{field}` must be {wanted}, and here it is {value}"),
    "literal_error": ("NN208", "`{field}` must be {wanted}, and here it is {value}"),
    "model_type": ("NN208", "`{field}` must be {wanted}, and here it is {value}"),
    "is_instance_of": ("NN208", "`{field}` must be {wanted}, and here it is {value}"),
    "value_error": ("NN209", "{error}"),
}
_TYPE_ERRORS = frozenset(name for name, (code, _) in TABLE.items() if code == "NN208")


def most_specific(errors: list[Any]) -> Any:
    """Of the errors of a field's alternatives, return the most telling: a range before a type."""
    return min(errors, key=lambda error: error["type"] in _TYPE_ERRORS)


def translate(error: Any, field: str, slot: Slot) -> tuple[str, str]:
    """Return the code and the message of a pydantic error about a field."""
    kind = error["type"]
    if kind == "int_type" and isinstance(error["input"], float):
        kind = "int_from_float"
    code, template = TABLE[kind]
    context = {name: show_value(value) for name, value in error.get("ctx", {}).items()}
    return code, template.format(
        field=field, value=show_value(error["input"]), wanted=slot.wanted, **context
    )


def show_value(value: Any) -> str:
    """Write a value as the language does."""
    from nndsl.vocabulary.builtin import Builtin

    match value:
        case bool():
            return str(value).lower()
        case tuple() | list():
            return f"({', '.join(map(show_value, value))})"
        case str():
            return f"`{value}`"
        case Builtin():
            return f"`{value.keyword()}`"
        case float() if value.is_integer() and abs(value) <= 1e15:
            return show_value(int(value))
        case _:
            return (
                f"{value:,}".replace(",", "_")
                if isinstance(value, int) and value > 9999
                else str(value)
            )
