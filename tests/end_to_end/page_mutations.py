"""Pages, JSON forms and `--set` values with a few mistakes in them, each made by its number."""

from __future__ import annotations

import dataclasses
import json
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nndsl.analysis.imports import read_tree
from nndsl.analysis.json_form import tree_to_json
from nndsl.diagnostics import Diagnostics
from nndsl.source import Source, Span
from nndsl.syntax.ast import Tree
from nndsl.vocabulary import registry

ROOT = Path(__file__).parents[2]
FILES = [
    path
    for folder in ("specs", "tests/data", "tests/golden")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.suffix in (".nn", ".json") and "schemas" not in path.parts
]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXTREMES = """
    0 1 -1 2 7 64 1000 100_000 10_000_000 10_000_001 1_000_000_000 9_223_372_036_854_775_808 1e300
    1e-300 1e308 0.5 -0.5 0.999999 1e-30 -1e300 5e-324 2**70 2**0.5 10**299 1/3 1/0 0**0 (-8)**0.5
    sqrt(-1) max() max(1) min(3,1) true false "" "x" "=1" "\\u0000" "é" [] [1] (1,2) (1,) x he relu
""".split()
EXTREMES += ["9" * 300, "9" * 301, f'"{"a" * 5000}"']
CHARACTERS = [*'(){}[],;=+-*/%<>!"\\#\n\r\t. _019eEx', "\ufeff", "é", "\0", "\x1b", "\u2028", "😀"]
FOUND = [registry.find(role, name) for role in registry.kinds() for name in registry.names(role)]
FIELDS = {name for word in FOUND if word for name in word.model_fields}
TOP = (
    "model let block data network train compare search expect record minimize variant start".split()
)
WORDS = sorted(
    {*(word.keyword() for word in FOUND if word), *FIELDS, *TOP, "parameters", "output", "f"}
)
MAX_MINIMIZING = 60  # seconds for making one page short
TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|\w+(?:\.\d+)?|\*\*|//|[<>=!]=|[ \t]+|.', re.DOTALL)
JSON_EXTREMES = [0, -1, 1e300, 10**40, 0.5, True, None, "", "=", "=1/0", "=x", "relu", [], [[]], {}]
JSON_EXTREMES += [{"kind": "dense"}, {"kind": "exp", "value": 100}, {"layers": []}]


@dataclass(frozen=True)
class Case:
    """A page, the name of its file, and values from outside."""

    text: str
    name: str = "page.nn"
    settings: tuple[str, ...] = ()

    @property
    def options(self) -> list[str]:
        return [part for setting in self.settings for part in ("--set", setting)]

    def __str__(self) -> str:
        shown = self.text if len(self.text) < 4000 else f"{self.text[:4000]} … ({len(self.text)})"
        return f"{self.name} {' '.join(map(ascii, self.options))}\n{ascii_lines(shown)}"


def ascii_lines(text: str) -> str:
    return "\n".join(line if line.isprintable() else ascii(line)[1:-1] for line in text.split("\n"))


def corpus() -> list[str]:
    """Return the specs of the repository, and what stands in blocks of its pages, code included."""
    texts = [path.read_text("utf-8") for path in FILES if path.suffix == ".nn"]
    for page in PAGES:
        texts += re.findall(r"^```[^\n]*\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S)
    return [text for text in dict.fromkeys(texts) if len(text) < 20_000 and read(text).statements]


def documents(texts: list[str]) -> list[str]:
    """Return JSON forms: those of the repository, and of all texts as far as they have one."""
    forms = [tree_to_json(read(text), Diagnostics()) for text in texts]
    given = [path.read_text("utf-8") for path in FILES if path.suffix == ".json"]
    return [*given, *(json.dumps(form, indent=1) for form in forms if form)]


def read(text: str, name: str = "page.nn") -> Tree:
    tree = read_tree(Source(name, text), Diagnostics())
    return tree or Tree(Source(name, text), ())


def nodes(tree: Any) -> Iterator[Any]:
    """Yield all parts of a tree that stand somewhere in its text."""
    if isinstance(tree, tuple):
        for part in tree:
            yield from nodes(part)
    elif dataclasses.is_dataclass(tree) and not isinstance(tree, Span | Source):
        if hasattr(tree, "span"):
            yield tree
        for part in dataclasses.fields(tree):
            if part.name != "unread":
                yield from nodes(getattr(tree, part.name))


class Maker:
    """Makes the case of a number: a page or a JSON form with some changes, and settings."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.texts = corpus()
        self.documents = documents(self.texts)
        pieces = {node.span.text for text in self.texts for node in nodes(read(text))}
        self.pieces = sorted(piece for piece in pieces if 0 < len(piece) < 400)

    def case(self, number: int) -> Case:
        chance = random.Random(f"{self.seed}/{number}")
        is_json = chance.random() < 0.25
        text = chance.choice(self.documents if is_json else self.texts)
        for _ in range(1 + int(chance.expovariate(0.5))):
            if is_json and chance.random() < 0.8:
                text = self.changed_document(text, chance)
            else:
                way = chance.choice([self.characters, self.tokens, self.tokens, *[self.tree] * 3])
                text = way(text, chance)
        settings = tuple(self.setting(text, chance) for _ in range(chance.choice([0, 0, 0, 1, 2])))
        return Case(text[:300_000], "page.json" if is_json else "page.nn", settings)

    def setting(self, text: str, chance: random.Random) -> str:
        names = re.findall(r"^\s*(?:let )?(\w+) *=", text, re.M) or ["x"]
        name = chance.choice([*names, *WORDS] if chance.random() < 0.2 else names)
        section = chance.choice(["", "", "train.", "minimize.", "data.", "."])
        value = chance.choice([*EXTREMES, *self.pieces] if chance.random() < 0.5 else EXTREMES)
        return f"{section}{name}={value}"

    def characters(self, text: str, chance: random.Random) -> str:
        start = chance.randint(0, len(text))
        end = min(len(text), start + chance.choice([0, 0, 1, 1, 2, 5, 40]))
        new = chance.choice(["", chance.choice(CHARACTERS), text[start:end] * 2])
        return text[:start] + new * chance.choice([1, 1, 1, 2, 150]) + text[end:]

    def tokens(self, text: str, chance: random.Random) -> str:
        tokens = TOKEN.findall(text)
        at = [i for i, token in enumerate(tokens) if not token.isspace()] or [0]
        i, j = chance.choice(at), chance.choice(at)
        if not tokens:
            return chance.choice(self.pieces)
        numbers = [k for k in at if tokens[k][0].isdigit()]
        names = [k for k in at if tokens[k].isidentifier()]
        match chance.randrange(7):
            case 0:
                tokens[i] = ""
            case 1:
                tokens[i] += f" {tokens[j]}"
            case 2:
                tokens[i], tokens[j] = tokens[j], tokens[i]
            case 3 | 4 if numbers:
                tokens[chance.choice(numbers)] = chance.choice(EXTREMES)
            case 5 if names:
                tokens[chance.choice(names)] = chance.choice(WORDS)
            case _ if names:
                k = chance.choice(names)
                letter = chance.randrange(len(tokens[k]))
                tokens[k] = tokens[k][:letter] + chance.choice("aex_1 ") + tokens[k][letter + 1 :]
        return "".join(tokens)

    def tree(self, text: str, chance: random.Random) -> str:
        """Change a text at a node of its tree."""
        found = list(nodes(read(text)))
        if not found:
            return text
        node = chance.choice(found)
        old, kind = node.span.text, type(node).__name__
        alike = [n.span.text for n in found if type(n).__name__ == kind]
        times = chance.choice([1, 1, 2, 3, 12, 40, 120])
        is_statement = kind in ("Call", "Setting", "Declaration", "Comparison")
        if is_statement:
            heads = ["repeat(2)", "residual", "repeat(1)", "block b", "network", "concat { branch"]
            head = chance.choice(heads)
            wrapped = f"{head} {{ " * times + old + " }" * (times * (1 + head.count("{")))
            made = [wrapped, f"{old}\n" * (times + 1), f"{old} {{ {chance.choice(alike)} }}"]
        elif kind in ("Argument", "Name"):
            made = [
                f"{old}, {chance.choice(alike)}",
                f"{chance.choice(WORDS)}={old}",
                f"{old}, " * times,
            ]
        else:
            made = ["(" * times + old + ")" * times, "-" * times + old, f"[{old}, {old}]"]
            made += [
                f" {chance.choice(['+', '-', '*', '/', '**', '//', '%'])} ".join(
                    [old] * (times + 1)
                )
            ]
            made += [f"{chance.choice(['max', 'sqrt', 'min', *WORDS])}({old})"]
        made += ["", chance.choice(alike), chance.choice(self.pieces), chance.choice(EXTREMES)]
        return text[: node.span.start] + chance.choice(made) + text[node.span.end :]

    def changed_document(self, text: str, chance: random.Random) -> str:
        try:
            document = json.loads(text)
            places = list(inside(document)) if isinstance(document, dict | list) else []
        except (ValueError, RecursionError):
            return self.characters(text, chance)
        if not places:
            return chance.choice(self.documents)
        holder, key = chance.choice(places)
        old = holder[key]
        value: Any = chance.choice([*JSON_EXTREMES, *(h[k] for h, k in places)])
        match chance.randrange(6):
            case 0:
                del holder[key]
            case 1 | 2:
                holder[key] = value
            case 3 if isinstance(holder, dict):
                name = chance.choice([*WORDS, "kind", "layers", "name", "value", "x y", "", "é"])
                holder[name] = chance.choice([old, value])
            case 3 | 4 if isinstance(holder, list):
                holder.insert(key, value)
            case _:
                for _ in range(chance.choice([1, 2, 40, 110])):
                    outer = [{"kind": "repeat", "times": 1}, {"kind": "residual"}, {"kind": "l2"}]
                    old = chance.choice([[old], {**chance.choice(outer), "layers": [old]}])
                holder[key] = old
        try:
            return json.dumps(document, indent=1, ensure_ascii=chance.random() < 0.5)
        except (RecursionError, ValueError):
            return text


def inside(document: Any) -> Iterator[tuple[Any, Any]]:
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in list(items):
        yield document, key
        if isinstance(value, dict | list):
            yield from inside(value)


def minimized(case: Case, still: Callable[[Case], bool]) -> Case:
    """Return a case that still does what it does, as short as can be found in a while."""
    end = time.monotonic() + MAX_MINIMIZING
    for settings in ((), *((one,) for one in case.settings)):
        fewer_settings = dataclasses.replace(case, settings=settings)
        if len(settings) < len(case.settings) and still(fewer_settings):
            case = fewer_settings
            break
    for split in (lambda text: text.splitlines(keepends=True), TOKEN.findall):
        parts = split(case.text)
        size = len(parts) // 2
        while size and time.monotonic() < end:
            at = 0
            while at < len(parts) and time.monotonic() < end:
                fewer = parts[:at] + parts[at + size :]
                if still(changed := dataclasses.replace(case, text="".join(fewer))):
                    parts, case = fewer, changed
                else:
                    at += size
            size //= 2
    return case
