"""Makes the parse table in `grammar/`: `python -m nndsl.syntax.table`.

Lark reads the grammar and computes the LALR table; this writes it down as JSON, for
`nndsl.syntax.machine` to run. A test holds that the table is that of the grammar.
"""

import json
import re
from pathlib import Path
from typing import Any

from nndsl.resources import read_text

STARTS = ("start", "value")
FILE = Path(__file__).parents[2] / "grammar" / "nn.table.json"


def make_table() -> str:
    """Return the table of the grammar as the text of its file."""
    from lark import Lark
    from lark.parsers.lalr_analysis import Shift

    lark: Any = Lark(
        read_text("grammar", "nn.lark"),
        parser="lalr",
        lexer="basic",
        start=list(STARTS),
        keep_all_tokens=True,
        maybe_placeholders=False,
    )
    parsed = lark.parser.parser._parse_table
    numbers = {parsed.start_states[start]: number for number, start in enumerate(STARTS)}
    rules: dict[Any, int] = {}
    states: list[dict[str, int]] = []
    queue = list(numbers)
    for state in queue:  # in the order in which they are reached: the same on every machine
        actions = {}
        for symbol, (action, target) in sorted(parsed.states[state].items()):
            if action is not Shift:
                actions[symbol] = ~rules.setdefault(target, len(rules))
                continue
            if target not in numbers:
                numbers[target] = len(numbers)
                queue.append(target)
            actions[symbol] = numbers[target]
        states.append(actions)
    lexer = lark._build_lexer()
    table = {
        "starts": {start: numbers[parsed.start_states[start]] for start in STARTS},
        "ends": {start: numbers[parsed.end_states[start]] for start in STARTS},
        "skipped": lark.ignore_tokens,
        "keywords": {word.value: t.name for t in lark.terminals for word in _keywords(t, lexer)},
        "tokens": [[t.name, t.pattern.to_regexp()] for t in lexer.terminals],
        "rules": [_rule(rule) for rule in rules],
        "states": states,
    }
    lines = [f'"{key}": {_lines(value)}' for key, value in table.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _keywords(terminal: Any, lexer: Any) -> list[Any]:
    """Return the pattern of a terminal that is a word another terminal matches too: `true`."""
    pattern = terminal.pattern
    others = (other.pattern for other in lexer.terminals if other.pattern.type == "re")
    is_word = pattern.type == "str" and any(
        re.fullmatch(other.to_regexp(), pattern.value) for other in others
    )
    return [pattern] if is_word else []


def _rule(rule: Any) -> list[Any]:
    origin = str(rule.origin.name)
    spread = origin.startswith("_")
    passes = bool(rule.options.expand1) and not rule.alias
    return [origin, len(rule.expansion), str(rule.alias or origin), spread, passes]


def _lines(value: Any) -> str:
    if isinstance(value, list) and value and not isinstance(value[0], str):
        return "[\n" + ",\n".join(json.dumps(item) for item in value) + "\n]"
    return json.dumps(value)


if __name__ == "__main__":
    FILE.write_text(make_table(), encoding="utf-8")
