"""What commands print in Japanese: every sentence has a translation, and no line is English."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from catalogues import require_entries

from nndsl.cli import main
from nndsl.languages.widths import width
from nndsl.lints.table import all_codes
from nndsl.vocabulary import registry

SPECS = Path(__file__).parents[2] / "specs"
BOOK = sorted((SPECS / "book").glob("*.nn"))
SMALL = """
let rate = 0.5
data = spiral(classes=3, samples=60, validation=0.2, test=0.2)
network { dense(8); batch_norm; relu; dropout(0.2); dense(3) }
train { loss = softmax_cross_entropy; optimizer = adam(lr=rate); epochs = 2 }
expect { test_accuracy >= 0 }
"""
COMPARED = """
compare(seeds=2) {
  variant slow { optimizer = sgd(lr=0.01) }
  variant fast { optimizer = adam(lr=0.01) }
}
search(trials=2) { rate = log_uniform(0.01, 1) }
"""
ENGLISH = re.compile(r"(?<![\w.=/(-])[a-z]{2,} [a-z]{2,}(?![\w=(/-])")
ON_PURPOSE = re.compile(
    r"`[^`]*`|\"[^\"]*\"|et al\.|"
    r"[A-Za-z_0-9]+ (ones|zeros)\b|[^ ]+/: .*?を書き出した|(variant|search) \w+|\w+ seed \d"
)


def english(printed: str) -> list[str]:
    """Return the lines with words of English that are neither names nor the page's own words."""
    lines = (ON_PURPOSE.sub("", line) for line in printed.splitlines())
    return [line for line in lines if ENGLISH.search(line)]


def test_explanations(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    codes = all_codes()

    def explain_all() -> None:
        for code in codes:
            main(["explain", code, "--lang", "ja"])

    citations = {code.source for code in codes.values()}  # which stay as they were published
    require_entries(
        "ja",
        explain_all,
        monkeypatch,
        pytestconfig,
        lambda said: said in citations or "too long" in said,
    )


@pytest.mark.parametrize("spec", [*BOOK, SPECS / "lenet.nn"], ids=lambda spec: spec.stem)
def test_summaries(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", str(spec), "--lang", "ja"]) == 0
    printed = capsys.readouterr().out
    assert english(printed) == []
    assert max(map(width, printed.splitlines()[1:])) <= 80  # the first has a path


def test_every_word(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    def list_all() -> None:
        for kind in registry.kinds():
            main(["list", kind, "--lang", "ja"])
            for word in registry.names(kind):
                main(["list", kind, word, "--lang", "ja"])

    require_entries("ja", list_all, monkeypatch, pytestconfig)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "small.nn").write_text(SMALL, encoding="utf-8")
    (tmp_path / "compared.nn").write_text(SMALL + COMPARED, encoding="utf-8")
    (tmp_path / "formula.nn").write_text(
        (SPECS / "book" / "ch04_gradient_method.nn").read_text(encoding="utf-8"), encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "command",
    [
        "check small.nn",
        "fmt small.nn --check",
        "diff small.nn formula.nn",
        "diff small.nn compared.nn --format markdown",
        "gradcheck small.nn",
        "gradcheck formula.nn",
        "trace small.nn",
        "trace formula.nn",
        "run small.nn -o run --record",
        "run small.nn --rates rates.svg",
        "compare formula.nn",
        "mutate small.nn -o wrong.py",
    ],
)
def test_no_line_is_english(command: str, capfd: pytest.CaptureFixture[str]) -> None:
    main([*command.split(), "--lang", "ja"])
    printed, said = capfd.readouterr()
    assert printed + said
    assert english(printed + said) == []


def _row(number: int) -> str:
    """Return a row of a table in which each column is of another kind."""
    sold = number * 7 % 31
    texts = [f"{1 + number % 12:02}/{1 + number % 9:02}/2024", "ABC"[number % 3], f"{sold}"]
    texts += [f"{2 * sold}", f"{number}", "same", "", f"text {number}", f"{sold} kg", "1,5"]
    texts += [f"{number / 7:.2f}" if number % 5 else "", "NaN" if number else "inf"]
    return ",".join(f'"{text}"' for text in [*texts, "none" if number % 4 else "3"])


def test_the_page_of_a_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table, heads = (
        tmp_path / "t.csv",
        "日付,店,sold,copy,id,one,empty,text,kg,comma,some,none,mixed",
    )
    table.write_text("\n".join([heads, *map(_row, range(90))]), encoding="utf-8")
    for target in ("sold", "店"):
        command = ["new", "--from", str(table), "--target", target, "-o", "-", "--lang", "ja"]
        assert main(command) == 0
        comments = re.findall("# (?! *nndsl).*", capsys.readouterr().out)
        assert len(comments) > 12
        assert english("\n".join(comments)) == []
        columns = re.findall(r"#   \S+ {2,}", "\n".join(comments))
        assert len({*map(width, columns)}) == 1


@pytest.mark.usefixtures("folder")
@pytest.mark.slow
def test_trainings_side_by_side(capfd: pytest.CaptureFixture[str]) -> None:
    for command in (
        "compare compared.nn",
        "search compared.nn --trials 10",
        "evaluate runs/compared-search/best",
    ):
        assert main([*command.split(), "--lang", "ja"]) == 0
        printed, said = capfd.readouterr()
        assert english(printed + said) == []
    pages = [*Path("runs").rglob("report.html")]
    assert len(pages) == 7  # of both, four trainings, and one with the best values
    for page in pages:
        assert english(_read(page)) == []
        assert 'lang="ja"' in page.read_text(encoding="utf-8")
    assert "rate の値" in _read(Path("runs/compared-search/report.html"))
    assert ">rate<" in Path("runs/compared-search/slices.svg").read_text(encoding="utf-8")


def _read(page: Path) -> str:
    """Return what stands on a page, but its pictures and code."""
    text = page.read_text(encoding="utf-8").replace("<wbr>", "")
    text = re.sub(r"(?s)<style.*?</style>|<svg.*?</svg>|<code.*?</code>|<pre.*?</pre>", "", text)
    return unescape(re.sub(r"<[^>]+>", "\n", text))
