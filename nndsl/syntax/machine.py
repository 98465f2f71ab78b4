"""Runs a grammar: reads tokens with its parse table, and builds what its rules describe.

The table in `grammar/` is Lark's (see `nndsl.syntax.table`). Running it takes these few lines, and
importing Lark would take a fourth of the time of `nndsl check`.
"""

import re
from typing import Any, NamedTuple


class UnexpectedToken(Exception):
    """A token cannot follow what was read; `state` is where that was."""

    def __init__(self, state: int) -> None:
        super().__init__(state)
        self.state = state


class Rule(NamedTuple):
    """How a reduction builds: from so many parts, by a method of the builder.

    A rule that is `spread` gives its parts to the rule around it; one that `passes` gives its only
    part as it is.
    """

    name: str
    length: int
    method: str
    spread: bool
    passes: bool


class Grammar:
    """A grammar that is ready to run, with the builder whose methods its rules call."""

    def __init__(self, table: dict[str, Any], builder: Any) -> None:
        self.starts: dict[str, int] = table["starts"]
        self.ends: dict[str, int] = table["ends"]
        self.states: list[dict[str, int]] = table["states"]
        self.rules = [Rule(*rule) for rule in table["rules"]]
        self.methods: list[Any] = [getattr(builder, rule.method, None) for rule in self.rules]
        self.skipped = frozenset(table["skipped"])
        self.keywords: dict[str, str] = table["keywords"]
        self.pattern = re.compile("|".join(f"(?P<{name}>{text})" for name, text in table["tokens"]))


class Machine:
    """A parser between two tokens of what the rule `start` describes."""

    def __init__(self, grammar: Grammar, start: str) -> None:
        self._grammar = grammar
        self._end = grammar.ends[start]
        self._states = [grammar.starts[start]]
        self._values: list[Any] = []

    def feed(self, kind: str, value: Any) -> Any:
        """Read one token; return what the text means after `$END`, None before. UnexpectedToken."""
        grammar, states, values = self._grammar, self._states, self._values
        while True:
            action = grammar.states[states[-1]].get(kind)
            if action is None:
                raise UnexpectedToken(states[-1])
            if action >= 0:
                states.append(action)
                values.append(value)
                return None
            rule, build = grammar.rules[~action], grammar.methods[~action]
            parts = _take(values, rule.length)
            if rule.length:
                del states[-rule.length :]
            states.append(grammar.states[states[-1]][rule.name])
            if rule.spread:
                values.append(parts if isinstance(parts, _Spread) else _Spread(parts))
            else:
                values.append(parts[0] if rule.passes and len(parts) == 1 else build(parts))
            if kind == "$END" and states[-1] == self._end:
                return values[-1]


class _Spread(list[Any]):
    """The parts of a rule that belong to the rule around it."""


def _take(values: list[Any], length: int) -> list[Any]:
    """Take the last values off the stack, and spread those that are to be spread.

    The first list that is spread is taken over, not copied: a long text is a long left recursion.
    """
    taken = values[len(values) - length :]
    del values[len(values) - length :]
    parts: list[Any] = []
    for value in taken:
        if not isinstance(value, _Spread):
            parts.append(value)
        elif parts:
            parts.extend(value)
        else:
            parts = value
    return parts
