"""Words of the vocabulary with their values, as a spec writes them."""

import json
from typing import Any

from nndsl.analysis.slots import Slot, slots
from nndsl.source import Span
from nndsl.syntax.value_printer import print_value
from nndsl.vocabulary.builtin import Builtin


def print_builtin(word: Builtin, *, defaults: bool = True) -> str:
    """Return a word with its values, as a spec may write it: `sgd(lr=0.1)`.

    Without `defaults`, those values that the spec gives.
    """
    own, fields = slots(type(word)), type(word).model_fields
    by_position = [name for name in word.by_position() if fields[name].is_required()]
    parts = []
    for name in fields if defaults else sorted(word.model_fields_set, key=list(fields).index):
        value = getattr(word, name)
        if name == word.variadic:
            parts += [write_value(part, own[name], defaults=defaults) for part in value]
        elif value is not None:
            text = write_value(value, own[name], defaults=defaults)
            parts.append(text if name in by_position else f"{name}={text}")
    return f"{word.keyword()}({', '.join(parts)})" if parts else word.keyword()


def write_value(value: Any, slot: Slot, *, defaults: bool = True) -> str:
    """Return a value as a spec writes it."""
    if isinstance(value, Builtin):
        return print_builtin(value, defaults=defaults)
    if isinstance(value, tuple | list):
        texts = ", ".join(write_value(part, slot, defaults=defaults) for part in value)
        if any(isinstance(part, Builtin) for part in value):
            return f"[{texts}]"
        return texts if len(value) == 1 else f"({texts})"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        is_text = slot.text and value not in slot.choices
        return json.dumps(value, ensure_ascii=False) if is_text else value
    if isinstance(getattr(value, "span", None), Span):  # left in the tree
        return print_value(value)
    return number(value) if isinstance(value, int | float) else str(value)


def number(value: int | float) -> str:
    """Return a number as one writes it: `10_000_000`, `1e-8`, `1e6`."""
    if isinstance(value, int) or (value.is_integer() and abs(value) <= 1e6):
        return f"{int(value):_}"
    return repr(value).replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
