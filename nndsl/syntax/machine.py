"""Runs a grammar: cuts a text into tokens, and reads them with a parse table.

The tables in `grammar/` are Lark's (see `nndsl.syntax.table`). Running them takes these few lines,
and importing Lark would take a fourth of the time of `nndsl check`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from nndsl.resources import read_text


class Token(NamedTuple):
    """A token of a text: its type in the grammar, and its range."""

    type: str
    text: str
    start: int
    end: int


class UnexpectedCharacter(Exception):
    """No token begins at `at`."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


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
        self._skipped = frozenset(table["skipped"])
        self._keywords: dict[str, str] = table["keywords"]
        self._pattern = re.compile(
            "|".join(f"(?P<{name}>{text})" for name, text in table["tokens"])
        )
        self._methods: list[Any] = [getattr(builder, rule.method, None) for rule in self.rules]

    def tokens(self, text: str, at: int = 0) -> Iterator[Token]:
        """Yield the tokens of a text, and `$END`. UnexpectedCharacter where none begins."""
        match, end = self._pattern.match, len(text)
        while at < end:
            found = match(text, at)
            if found is None:
                raise UnexpectedCharacter(at)
            kind = found.lastgroup or ""
            if kind not in self._skipped:
                yield Token(self._keywords.get(found[0], kind), found[0], at, found.end())
            at = found.end()
        yield Token("$END", "", end, end)

    def machine(self, start: str) -> Machine:
        """Return a machine that reads what the rule `start` describes."""
        return Machine(self, start)

    def build(self, rule: int, parts: list[Any]) -> Any:
        """Return what a rule makes of its parts."""
        _, _, _, spread, passes = self.rules[rule]
        if spread:
            return parts if isinstance(parts, Spread) else Spread(parts)
        method = self._methods[rule]
        return parts[0] if passes and len(parts) == 1 else method(parts)


class Spread(list[Any]):
    """The parts of a rule that belong to the rule around it."""


class Machine:
    """A parser between two tokens."""

    def __init__(self, grammar: Grammar, start: str) -> None:
        self._grammar = grammar
        self._end = grammar.ends[start]
        self._states = [grammar.starts[start]]
        self._values: list[Any] = []

    @property
    def state(self) -> int:
        return self._states[-1]

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
            rule = grammar.rules[~action]
            parts = _parts(values, rule.length)
            if rule.length:
                del states[-rule.length :]
            states.append(grammar.states[states[-1]][rule.name])
            values.append(grammar.build(~action, parts))
            if kind == "$END" and states[-1] == self._end:
                return values[-1]

    def accepts(self) -> set[str]:
        """Return the types of token that may come next."""
        kinds = self._grammar.states[self.state]
        return {kind for kind in kinds if kind.isupper() and self._would_read(kind)}

    def _would_read(self, kind: str) -> bool:
        states = list(self._states)
        while True:
            action = self._grammar.states[states[-1]].get(kind)
            if action is None or action >= 0:
                return action is not None
            rule = self._grammar.rules[~action]
            if rule.length:
                del states[-rule.length :]
            states.append(self._grammar.states[states[-1]][rule.name])
            if kind == "$END" and states[-1] == self._end:
                return True


def _parts(values: list[Any], length: int) -> list[Any]:
    """Take the last values off the stack, and spread those that are to be spread.

    The first list that is spread is taken over, not copied: a long text is a long left recursion.
    """
    if not length:
        return []
    taken = values[-length:]
    del values[-length:]
    parts: list[Any] = []
    for value in taken:
        if not isinstance(value, Spread):
            parts.append(value)
        elif parts:
            parts.extend(value)
        else:
            parts = value
    return parts


@cache
def load(name: str, builder: type[Any]) -> Grammar:
    """Return the grammar of `grammar/NAME.lark`; its rules call the builder's methods."""
    return Grammar(json.loads(read_text("grammar", f"{name}.table.json")), builder())
