"""What the page in the browser gets to know of a text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nndsl.play.answers import METHODS, answer

PAGE = """\
# 数字 😀
data = digits(validation=0.1, test=0.2)
network {
  repeat(2) { dense(30); relu }
  dense(10)
}
train {
  loss      = softmax_cross_entropy
  optimizer = adam
}
"""


def ask(method: str, text: str = PAGE, **more: Any) -> dict[str, Any]:
    return answer(method, {"name": "page.nn", "text": text, **more})


def test_a_finding_has_places_as_javascript_counts_them() -> None:
    text = PAGE.replace("dense(10)", 'dense(10); droput(0.5) # "😀"')
    findings = ask("check", text)["findings"]
    (found,) = [one for one in findings if one["severity"] == "error"]
    units = text.encode("utf-16-le")
    assert units[2 * found["from"] : 2 * found["to"]].decode("utf-16-le") == "droput"
    (fix,) = found["fixes"]
    (edit,) = fix["edits"]
    assert (edit["text"], edit["from"], edit["to"]) == ("dropout", found["from"], found["to"])
    assert found["code"] in ask("explain", code=found["code"])["title"]


def test_each_line_of_the_script_names_lines_of_the_page() -> None:
    answered = ask("build")
    lines = answered["script"].splitlines()
    assert len(lines) == len(answered["lines"])
    found = {
        line.strip().split("  ")[0]: made
        for line, made in zip(lines, answered["lines"], strict=True)
    }
    assert found["Z1 = X @ W1 + b1"] == [4]
    assert found["Z3 = A2 @ W3 + b3"] == [5]
    assert found["def load_data():"] == [2]
    assert ask("build", style="layers")["script"] != answered["script"]


def test_the_summary_says_of_each_layer_what_a_reader_of_its_line_asks() -> None:
    answered = ask("build")
    assert [row["line"] for row in answered["rows"]] == [0, 4, 4, 4, 4, 5]
    first = answered["layers"][0]
    assert first["line"] == 4
    assert (first["takes"], first["gives"], first["parameters"]) == (["64"], "30", 64 * 30 + 30)
    assert first["equations"] == ("Z1 = X W1 + b1",)
    assert answered["layers"][1]["strength"] > 0


@pytest.mark.parametrize("method", ["build", "graph", "format", "compare"])
def test_a_page_with_errors_has_no_answer(method: str) -> None:
    assert ask(method, "network { input(64")["failed"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("style", ["flat", "layers", "optimized"])
def test_a_descent_has_answers_too(method: str, style: str) -> None:
    text = "minimize { f = x**2; start(x=1); optimizer = sgd(lr=0.1); steps = 3 }\n"
    assert "failed" not in ask(method, text, code="NN201", style=style, other=text)


def test_scripts_and_findings_are_in_the_language_that_is_asked_for() -> None:
    english, japanese = (ask("build", language=one)["script"] for one in ("en", "ja"))
    assert english != japanese
    assert any("\u3040" <= character < "\u30ff" for character in japanese)
    assert ask("build", language="../ja")["script"] == english


def test_shapes_are_there_beside_mistakes() -> None:
    answered = ask("check", PAGE.replace("dense(10)", "dense(10); droput"))
    assert (4, "30", 2_880) in answered["hints"]


def test_words_are_completed_and_explained_where_they_stand() -> None:
    text = PAGE.replace("dense(10)", "den")
    at = len(text[: text.index("  den\n") + 5].encode("utf-16-le")) // 2
    assert "dense" in [one["name"] for one in ask("complete", text, offset=at)["options"]]
    at = len(PAGE[: PAGE.index("softmax")].encode("utf-16-le")) // 2
    said = ask("hover", offset=at + 3)
    assert said["from"] == at
    assert "softmax_cross_entropy" in said["says"]
    assert ask("hover", offset=0) == {}


def test_two_texts_are_compared_by_what_they_mean() -> None:
    assert ask("compare", other=PAGE.replace("30", "30   "))["same"]
    found = ask("compare", PAGE.replace("adam", "sgd(lr=0.1)"), other=PAGE)
    assert [one["name"] for one in found["settings"]] == ["train.optimizer"]


def test_what_is_wrong_in_another_file_has_its_name(tmp_path: Path) -> None:
    (tmp_path / "words.nn").write_text("let width = 1 +\n", "utf-8")
    given = {"name": "page.nn", "text": f'import "words.nn"\n{PAGE}'}
    found = answer("check", given, tmp_path)["findings"][0]
    assert found["file"].endswith("words.nn")
    assert "from" not in found
