"""Each capability of the language server, over the protocol."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from language_client import Client, Document

pytestmark = pytest.mark.slow  # what they ask is tested faster in tests/assistance
PAGE = """\
let width = 50                # 幅 𝒳 of the hidden layer

block hidden(n, rate=0.2) {
  dense(n)
  relu
  dropout(rate)
}

data = digits(validation=0.1, test=0.2)

network {
  input(64)                   # 入力
  first = hidden(width)
  hidden(20, rate=0.5)
  dense(10)
}

train {
  loss      = softmax_cross_entropy
  optimizer = adam(lr=0.001)
}
"""


@pytest.fixture
def page(client: Client, tmp_path: Path) -> Document:
    opened = client.open(tmp_path / "page.nn", PAGE.replace("  first = hidden", "  hidden"))
    assert client.diagnostics() == []
    return opened


def code_of(result: Any) -> str:
    return str(result.contents.value)


def changed(text: str, edits: list[Any]) -> str:
    """Return a text of ASCII with edits, each on one line."""
    lines = text.split("\n")
    for edit in sorted(edits, key=lambda one: -one.range.start.character):
        line, place = lines[edit.range.start.line], edit.range
        lines[place.start.line] = (
            line[: place.start.character] + edit.new_text + line[place.end.character :]
        )
    return "\n".join(lines)


def test_diagnostics_stand_at_columns_of_utf_16(client: Client, page: Document) -> None:
    page.change(page.text.replace("  input(64)   ", "  input(64); rleu; # 入力 𝒳𝒳"))
    (error,) = client.diagnostics()
    assert (error.code, error.source, error.range.start) == ("NN201", "nndsl", page.at("rleu"))
    assert "did you mean `relu`?" in error.message
    page.change(PAGE.replace("  dense(n)", '  "𝒳"; dense(n)'))
    first, *_ = client.diagnostics()
    assert (first.range.start.character, first.range.end.character) == (2, 6)


def test_a_warning_names_both_places_and_an_unused_name_is_faded(
    client: Client, page: Document
) -> None:
    page.change(f"let other = 3\n{page.text}")
    (unused,) = client.diagnostics()
    assert unused.severity == page.t.DiagnosticSeverity.Warning
    assert unused.tags == (page.t.DiagnosticTag.Unnecessary,)
    page.change(f"let width = 3\n{page.text}")
    found = [one for one in client.diagnostics() if one.code == "NN203"]
    assert found[0].related_information[0].message == "first defined here"


def test_fixes_are_actions(client: Client, page: Document) -> None:
    page.change(page.text.replace("dense(10)", "dnese(10)").replace("adam", "adma"))
    assert len(client.diagnostics()) == 2
    context = page.t.CodeActionContext([])
    found = page.ask("code_action", "CodeActionParams", range=page.whole, context=context)
    titles = [action.title for action in found]
    assert titles == ["Write `dense`", "Write `adam`", "Mend all that is safe to mend"]
    assert found[0].is_preferred
    (edits,) = found[0].edit.changes.values()
    assert "\n  dense(10)" in changed(page.text, edits)
    (whole,) = found[2].edit.changes[page.uri]
    assert "dense(10)" in whole.new_text
    assert "adam(" in whole.new_text
    only = page.t.CodeActionContext([], only=["source.fixAll"])
    found = page.ask("code_action", "CodeActionParams", range=page.whole, context=only)
    assert [action.title for action in found] == ["Mend all that is safe to mend"]


def test_completion_replaces_what_is_written_and_says_what_it_means(
    client: Client, page: Document
) -> None:
    page.change(page.text.replace("  dense(10)", "  den"))
    client.diagnostics()
    found = page.ask("completion", "CompletionParams", position=page.at("  den\n", 5))
    dense = next(item for item in found.items if item.label == "dense")
    assert dense.text_edit.new_text == "dense($0)"
    assert dense.text_edit.range.start == page.at("  den\n", 2)
    dense = client.ask("completion_item_resolve", dense)
    assert "every unit is a weighted sum" in dense.documentation.value


def test_hover_has_the_shapes_and_the_script_of_a_layer(client: Client, page: Document) -> None:
    text = code_of(page.ask("hover", "HoverParams", position=page.at("dense(10)")))
    assert "**20 → 10**, 210 parameters" in text
    assert "y = x W + b" in text
    assert "dW3 = D2.T @ dZ3" in text
    text = code_of(page.ask("hover", "HoverParams", position=page.at("lr=")))
    assert "how large a step is" in text
    text = code_of(page.ask("hover", "HoverParams", position=page.at("width)")))
    assert "let width = 50" in text
    page.change(page.text.replace("dense(10)", "dense(10, init=relu)"))
    client.diagnostics()
    text = code_of(page.ask("hover", "HoverParams", position=page.at("relu)")))
    assert "**NN201**: unknown name" in text
    assert page.ask("hover", "HoverParams", position=page.at("入力")) is None


def test_hints_show_shapes_behind_the_lines(client: Client, page: Document) -> None:
    found = page.ask("inlay_hint", "InlayHintParams", range=page.whole)
    by_line = {hint.position.line: hint.label for hint in found}
    lines = page.text.splitlines()
    named = {lines[line].strip().split("  ")[0]: label for line, label in by_line.items()}
    assert named["dense(n)"] == "64 or 50 → 50 or 20, 4,270 parameters"
    assert named["hidden(width)"] == "64 → 50, 3,250 parameters"
    assert named["dense(10)"] == "20 → 10, 210 parameters"
    (of_input,) = [hint for hint in found if lines[hint.position.line].startswith("  input")]
    assert of_input.position.character == len("  input(64)")  # before the comment


def test_hints_stay_above_a_line_that_is_half_written(client: Client, page: Document) -> None:
    page.change(page.text.replace("  hidden(20, rate=0.5)", "  hidden(20, rate="))
    assert client.diagnostics() != []
    found = page.ask("inlay_hint", "InlayHintParams", range=page.whole)
    assert "64 → 50, 3,250 parameters" in [hint.label for hint in found]


def test_signature_help_follows_the_arguments(client: Client, page: Document) -> None:
    page.change(page.text.replace("dense(10)", "dense(10, init=)"))
    client.diagnostics()
    at = page.at("dense(10, init=", 6)
    found = page.ask("signature_help", "SignatureHelpParams", position=at)
    assert found.signatures[0].label.startswith("dense(units, init=…")
    assert found.active_parameter == 0
    at = page.at("dense(10, init=", 15)
    found = page.ask("signature_help", "SignatureHelpParams", position=at)
    assert found.signatures[0].parameters[found.active_parameter].label == "init"
    at = page.at("hidden(20, rate=0.5", 17)
    found = page.ask("signature_help", "SignatureHelpParams", position=at)
    assert found.signatures[0].label == "hidden(n, rate=0.2)"
    assert found.active_parameter == 1


def test_definitions_and_references(client: Client, page: Document) -> None:
    found = page.ask("definition", "DefinitionParams", position=page.at("width)"))
    assert (found.uri, found.range.start) == (page.uri, page.at("width = 50"))
    found = page.ask("definition", "DefinitionParams", position=page.at("rate=0.5"))
    assert found.range.start == page.at("rate=0.2")
    found = page.ask("definition", "DefinitionParams", position=page.at("dense(10)"))
    assert found.uri.endswith("nndsl/vocabulary/layers/dense.py")
    context = page.t.ReferenceContext(include_declaration=True)
    at = page.at("hidden(n")
    found = page.ask("references", "ReferenceParams", position=at, context=context)
    assert [place.range.start.line for place in found] == [2, 12, 13]
    found = page.ask("document_highlight", "DocumentHighlightParams", position=page.at("rate)"))
    assert [place.range.start.line for place in found] == [2, 5, 13]


def test_definitions_lead_into_files_that_are_imported(
    client: Client, tmp_path: Path, page: Document
) -> None:
    words = tmp_path / "words.nn"
    words.write_text("layer swish {\n  y = x * sigmoid(x)\n}\n", encoding="utf-8")
    text = page.text.replace("  relu\n", "  swish\n")
    page.change(f'import "words.nn"\n{text}')
    assert client.diagnostics() == []
    found = page.ask("definition", "DefinitionParams", position=page.at("swish"))
    assert (found.uri, found.range.start.line) == (words.as_uri(), 0)
    found = page.ask("definition", "DefinitionParams", position=page.at("words.nn"))
    assert found.uri == words.as_uri()
    words.write_text("layer swish(beta) {\n  y = x * sigmoid(beta * x)\n}\n", encoding="utf-8")
    client.tell("text_document_did_save", page.t.DidSaveTextDocumentParams(page.id))
    (error,) = client.diagnostics()
    assert error.code == "NN204"


def test_renaming_changes_every_place_and_refuses_what_would_break(
    client: Client, page: Document
) -> None:
    at = page.at("rate=0.2")
    found = page.ask("prepare_rename", "PrepareRenameParams", position=at)
    assert found.start == at
    found = page.ask("rename", "RenameParams", position=at, new_name="drop")
    after = changed(page.text, found.changes[page.uri])
    assert after == page.text.replace("rate", "drop")
    for marked, wrong in (("rate=0.2", "n"), ("width)", "relu"), ("width)", "2x")):
        with pytest.raises(Exception, match=f"`{wrong}`"):
            page.ask("rename", "RenameParams", position=page.at(marked), new_name=wrong)
    where = page.at("dense(10)")
    assert page.ask("prepare_rename", "PrepareRenameParams", position=where) is None


def test_renaming_what_others_import_renames_it_there(client: Client, tmp_path: Path) -> None:
    words = "layer swish(beta=1) {\n  y = x * sigmoid(beta * x)\n}\n"
    (tmp_path / "words.nn").write_text(words, encoding="utf-8")
    text = 'import "words.nn"\nnetwork {\n  input(4)\n  dense(4)\n  swish(beta=2)\n  dense(1)\n}\n'
    (tmp_path / "page.nn").write_text(text, encoding="utf-8")
    page = client.open(tmp_path / "words.nn", words)
    client.diagnostics()
    at = page.at("swish")
    context = page.t.ReferenceContext(include_declaration=True)
    found = page.ask("references", "ReferenceParams", position=at, context=context)
    assert [Path(one.uri).name for one in found] == ["words.nn", "page.nn"]
    found = page.ask("rename", "RenameParams", position=page.at("beta=1"), new_name="slope")
    changes = {Path(uri).name: edits for uri, edits in found.changes.items()}
    assert changed(words, changes["words.nn"]) == words.replace("beta", "slope")
    assert changed(text, changes["page.nn"]) == text.replace("beta", "slope")
    page.change(f"# not saved\n{words}")
    client.diagnostics()
    with pytest.raises(Exception, match="save the page first"):
        page.ask("rename", "RenameParams", position=page.at("beta=1"), new_name="slope")


def test_formatting_is_that_of_fmt(client: Client, page: Document) -> None:
    options = page.t.FormattingOptions(tab_size=2, insert_spaces=True)
    page.change(page.text.replace("  dense(10)", "      dense( 10 )"))
    client.diagnostics()
    (edit,) = page.ask("formatting", "DocumentFormattingParams", options=options)
    assert "\n  dense(10)\n" in edit.new_text
    page.change(page.text.replace("dense( 10 )", "dense( 10"))
    client.diagnostics()
    assert not page.ask("formatting", "DocumentFormattingParams", options=options)


def test_outline_and_folds(client: Client, page: Document) -> None:
    found = page.ask("document_symbol", "DocumentSymbolParams")
    assert [part.name for part in found] == ["width", "hidden", "data", "network", "train"]
    assert [part.name for part in found[3].children][-1] == "dense(10)"
    found = page.ask("folding_range", "FoldingRangeParams")
    assert [(fold.start_line, fold.end_line) for fold in found] == [(2, 5), (10, 14), (17, 19)]


def test_semantic_tokens_tell_names_apart(client: Client, page: Document) -> None:
    legend = client.able.semantic_tokens_provider.legend.token_types
    data = page.ask("semantic_tokens_full", "SemanticTokensParams").data
    lines = page.text.split("\n")
    line = column = 0
    found = {}
    for at in range(0, len(data), 5):
        column = data[at + 1] + (column if not data[at] else 0)
        line += data[at]
        units = lines[line].encode("utf-16-le")[2 * column : 2 * (column + data[at + 2])]
        found[units.decode("utf-16-le")] = legend[data[at + 3]]
    assert found["width"] == "variable"
    assert found["hidden"] == "class"
    assert found["rate"] == "parameter"
    assert found["dense"] == "function"
    assert found["lr"] == "property"
    assert found["# 幅 𝒳 of the hidden layer"] == "comment"
    assert found["0.001"] == "number"


def test_the_script_of_a_line(client: Client, page: Document) -> None:
    run = page.t.ExecuteCommandParams
    found = client.ask(
        "workspace_execute_command", run(command="nndsl.script", arguments=[page.uri])
    )
    lines = [line.strip() for line in found["text"].splitlines()]
    at = next(at for at, line in enumerate(lines) if line.startswith("Z1 = X @ W1"))
    assert found["lines"][at] == [3, 12]  # the line of the block, and its call
    where = page.at("  dense(10)").line
    command = run(command="nndsl.showScript", arguments=[page.uri, where])
    client.ask("workspace_execute_command", command)
    shown = client.shown.get(timeout=60)
    text = Path(shown.uri.removeprefix("file://")).read_text(encoding="utf-8").splitlines()
    assert "@ W3 + b3" in text[shown.selection.start.line]
    page.change(page.text.replace("dense(10)", "dense("))
    client.diagnostics()
    found = client.ask(
        "workspace_execute_command", run(command="nndsl.script", arguments=[page.uri])
    )
    assert (found["text"], found["reason"]) == ("", "the page has 1 error")


def test_what_is_wrong_is_said_in_japanese(tmp_path: Path) -> None:
    pytest.importorskip("pygls")
    client = Client("ja")
    page = client.open(tmp_path / "page.nn", PAGE.replace("  first = hidden", "  hiden"))
    (error,) = client.diagnostics()
    assert re.search("[ぁ-ん].*\n.*: .*`hidden`", error.message)
    context = page.t.CodeActionContext([])
    found = page.ask("code_action", "CodeActionParams", range=page.whole, context=context)
    assert [one.title for one in found if not re.search("[ぁ-ん]", one.title)] == []
    client.end()


def test_a_closed_page_has_nothing_wrong_with_it(client: Client, page: Document) -> None:
    client.tell("text_document_did_close", page.t.DidCloseTextDocumentParams(page.id))
    said = client.published.get(timeout=60)
    assert (said.uri, list(said.diagnostics), said.version) == (page.uri, [], None)


def test_every_capability_is_offered(client: Client) -> None:
    missing = [
        name
        for name in (
            "completion_provider hover_provider signature_help_provider definition_provider "
            "references_provider document_highlight_provider document_symbol_provider "
            "code_action_provider document_formatting_provider rename_provider "
            "folding_range_provider semantic_tokens_provider inlay_hint_provider"
        ).split()
        if not getattr(client.able, name)
    ]
    assert missing == []
    assert client.able.position_encoding == "utf-16"
