"""The pages of `docs/` that are generated: from the vocabulary, and from the catalogue of codes."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from nndsl.assistance.builtin_docs import (
    arguments,
    by_position,
    documentation,
    example,
    signature,
)
from nndsl.cli.explain import printable_example
from nndsl.codes import Code
from nndsl.lints.table import all_codes
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import Builtin

GENERATED = "<!-- Generated: `pytest tests/docs --update-golden` writes this page anew. -->"

VOCABULARY = """\
# The words of the language

Every word with its arguments, as `nndsl list` shows it. What a word means hangs on its place:
`momentum` after `optimizer =` is an optimizer. How words are put together is said in
[the language](language.md)."""

ERRORS = """\
# What the checker says

Every finding has a code, and `nndsl explain CODE` prints its entry. NN4… are warnings: the spec
works, and probably does not do what its author thinks. All others are errors."""


def vocabulary_page() -> str:
    kinds = [kind for kind in registry.kinds() if registry.names(kind)]
    lines = [VOCABULARY, "", GENERATED, ""]
    for kind in kinds:
        names = ", ".join(f"[{name}](#{kind}-{name})" for name in registry.names(kind))
        lines.append(f"- [{kind}](#{kind}): {names}")
    for kind in kinds:
        words = [word for name in registry.names(kind) if (word := registry.find(kind, name))]
        lines += ["", f"## {kind}", "", _about(words[0])]
        for word in words:
            lines += ["", *_word(kind, word)]
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    lines = [ERRORS, "", GENERATED, ""]
    codes = all_codes().values()
    lines += [f"- [{code.name}](#{code.name}) {code.title}" for code in codes]
    for code in codes:
        lines += ["", *_code(code)]
    return "\n".join(lines) + "\n"


def _about(word: type[Builtin]) -> str:
    """Return the first line of the module that says what all words of a kind have in common."""
    base = next(cls for cls in reversed(word.__mro__) if getattr(cls, "kind", "") == word.kind)
    text = sys.modules[base.__module__].__doc__ or ""
    return text.strip().splitlines()[0]


def _word(kind: str, word: type[Builtin]) -> Iterator[str]:
    yield f'<a id="{kind}-{word.keyword()}"></a>'
    yield f"### {word.keyword()}"
    yield from ("", "```", signature(word), "```")
    for paragraph in documentation(word):
        yield from ("", _plain(paragraph))
    if known := [*arguments(word)]:
        yield from ("", f"A word {by_position(word)}.", "")
        yield "| argument | takes | |"
        yield "|---|---|---|"
        for name, accepted, says in known:
            yield f"| {' | '.join(map(_plain, (f'`{name}`', accepted, says)))} |"
    if written := example(word):
        yield from ("", f"Example: `{written}`")


def _code(code: Code) -> Iterator[str]:
    yield f'<a id="{code.name}"></a>'
    yield f"## {code.name}: {code.title}"
    for paragraph in (code.what, code.why, code.source and f"Source: {code.source}"):
        if paragraph:
            yield from ("", _plain(paragraph))
    for name, text in code.files.items():
        yield from _block(f"`{name}`:", text)
    for name, value in code.settings.items():
        yield from ("", f"With `--set {name}={value}`:")
    yield from _block("Wrong:", code.wrong)
    yield from _block("Right:", code.right)


def _block(head: str, text: str) -> Iterator[str]:
    text = printable_example(text)
    fence = "````" if "```" in text else "```"
    yield from ("", head, "", fence, text.rstrip("\n"), fence)


def _plain(text: str) -> str:
    """Return a text in which nothing outside of backticks means anything to Markdown."""
    parts = text.split("`")
    for index in range(0, len(parts), 2):
        for sign in "*<|":
            parts[index] = parts[index].replace(sign, f"\\{sign}")
    return "`".join(parts)
