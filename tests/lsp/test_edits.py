"""Thousands of edits, as of somebody who types, cuts and pastes: no question goes unanswered."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from language_client import Client, Document

EDITS = int(os.environ.get("NNDSL_EDITS", "300"))
SPECS = Path(__file__).parents[2] / "specs"
PAGES = ("digits.nn", "residual.nn", "own_words.nn", "search.nn", "optimizers.nn", "tiny_gpt.nn")
PIECES = (
    '( ) [ ] { } , ; = " # \n \r\n \t . .. -1 1e9 0 x relu dense( init= let block 𝒳 日 \u2028 \x00'
)
EVERY = 10  # edits after which everything is asked


def edited(text: str, chance: random.Random, pages: list[str]) -> str:
    """Return a text after one edit."""
    start = chance.randrange(len(text) + 1)
    end = min(len(text), start + chance.choice([0, 1, 1, 3, 30, 200]))
    match chance.randrange(7):
        case 0 | 1:
            return text[:start] + chance.choice(PIECES.split(" ")) + text[start:]
        case 2 | 3:
            return text[:start] + text[end:]
        case 4:  # half a line
            line_end = text.find("\n", start)
            return text[:start] + text[line_end if line_end >= 0 else start :]
        case 5:  # a piece twice
            return text[:end] + text[start:end] + text[end:]
    other = chance.choice(pages)
    at = chance.randrange(len(other))
    return text[:start] + other[at : at + 40] + text[start:]


def ask_everything(page: Document, chance: random.Random) -> None:
    """Ask all questions at some place of a page; an error in an answer raises."""
    t = page.t
    line = chance.randrange(page.text.count("\n") + 1)
    here = t.Position(line, chance.randrange(30))
    options = t.FormattingOptions(tab_size=2, insert_spaces=True)
    page.ask("completion", "CompletionParams", position=here)
    page.ask("hover", "HoverParams", position=here)
    page.ask("signature_help", "SignatureHelpParams", position=here)
    page.ask("inlay_hint", "InlayHintParams", range=page.whole)
    page.ask("definition", "DefinitionParams", position=here)
    context = t.ReferenceContext(include_declaration=True)
    page.ask("references", "ReferenceParams", position=here, context=context)
    page.ask("prepare_rename", "PrepareRenameParams", position=here)
    page.ask("formatting", "DocumentFormattingParams", options=options)
    page.ask("document_symbol", "DocumentSymbolParams")
    page.ask("folding_range", "FoldingRangeParams")
    page.ask("semantic_tokens_full", "SemanticTokensParams")
    context = t.CodeActionContext([])
    page.ask("code_action", "CodeActionParams", range=page.whole, context=context)


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_edits_leave_a_server_that_answers(
    page: str, client: Client, spec_text: Callable[[str], str]
) -> None:
    chance = random.Random(page)
    texts = [spec_text(name) for name in PAGES]
    document = client.open(SPECS / page, spec_text(page))
    client.diagnostics()
    for number in range(EDITS // len(PAGES)):
        if number % 25 == 24:
            document.change(spec_text(page))
        document.change(edited(document.text, chance, texts))
        if number % EVERY == EVERY - 1:
            ask_everything(document, chance)
    document.change(spec_text(page))
    assert [
        found
        for found in client.diagnostics()
        if found.severity == document.t.DiagnosticSeverity.Error
    ] == []


@pytest.fixture
def spec_text() -> Callable[[str], str]:
    return lambda name: (SPECS / name).read_text(encoding="utf-8")
