"""`import "words.nn"`: what it brings, what it refuses, and where that is said."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from command_line import Cli

import nndsl
from nndsl.analysis.imports import self_contained
from nndsl.cli.color import plain
from nndsl.cli.formats import FORMATS, renderer
from nndsl.source import read_source

SWISH = """\
# Words of the course.
let scale = 2

layer swish(beta=1) {  # smooth
  y = scale * x * sigmoid(beta * x)
}
"""
NETWORK = """
network {
  input(8)
  dense(4)
  swish
  dense(3)
}
"""


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "course").mkdir()
    monkeypatch.chdir(tmp_path / "course")


def write(**texts: str) -> None:
    for name, text in texts.items():
        path = Path(f"{name.replace('__', '/')}.nn")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


def found(page: str = "page.nn") -> list[str]:
    return [str(diagnostic) for diagnostic in nndsl.check(page)]


def test_words_of_a_file_stand_in_its_place() -> None:
    write(words=SWISH, page='import "words.nn"\n' + NETWORK)
    whole = self_contained(read_source("page.nn"))
    assert whole.text == SWISH + NETWORK
    assert not found()
    as_one, as_two = (nndsl.build("page.nn", text=text) for text in (whole.text, None))
    assert as_one == as_two


def test_a_block_and_a_let_come_along_and_set_reaches_them() -> None:
    block = SWISH + "\nblock unit(n) {\n  dense(n)\n  swish\n}\n"
    write(words=block, page='import "words.nn"\nnetwork { input(8); unit(5); dense(3) }\n')
    assert not found()
    assert "3 * Z1 * sigmoid" in nndsl.build("page.nn", set={"scale": 3})


def test_files_import_files_and_each_stands_once() -> None:
    write(
        words__base=SWISH,
        words__a='import "base.nn"\nblock a { dense(4); swish }\n',
        words__b='import "base.nn"\nblock b { dense(4); swish }\n',
        page='import "words/a.nn"\nimport "words/b.nn"\nnetwork { input(8); a; b; dense(3) }\n',
    )
    assert not found()
    assert self_contained(read_source("page.nn")).text.count("layer swish") == 1


def test_a_page_may_be_given_as_a_text_and_as_json() -> None:
    write(words=SWISH)
    page = 'import "words.nn"\n' + NETWORK
    assert not nndsl.check("given", text=page)
    assert len(nndsl.load("given", text=page).parameters) == 4
    Path("page.json").write_text(
        json.dumps(
            {
                "import": "words.nn",
                "network": [{"kind": "input", "shape": 8}, {"kind": "swish", "beta": 2}],
            }
        )
    )
    assert not found("page.json")
    whole = self_contained(read_source("page.json"))
    assert "import" not in json.loads(whole.text)
    assert nndsl.build("page.json", text=whole.text) == nndsl.build("page.json")


def test_a_file_of_words_alone_is_right_and_none_of_it_need_be_used() -> None:
    write(words=SWISH + "layer other { y = x }\n", page='import "words.nn"\n' + NETWORK)
    assert not found("words.nn")
    assert not found()


def test_an_import_of_which_nothing_is_used_is_a_warning() -> None:
    write(words=SWISH, page='import "words.nn"\nnetwork { input(8); dense(3) }\n')
    assert found() == ['page.nn:1:8: warning[NN401]: nothing of "words.nn" is used']


def test_a_mistake_is_said_where_it_stands_in_every_format() -> None:
    write(
        words="layer wrong {\n  y = x + nothing\n}\n", page='import "words.nn"\nnetwork { wrong }\n'
    )
    diagnostics = nndsl.check("page.nn")
    assert [(d.code, d.span.source.name, d.span.line) for d in diagnostics] == [
        ("NN201", "words.nn", 2)
    ]
    for name in FORMATS:
        text = renderer(name)(diagnostics, ["page.nn"], plain)
        assert "words.nn" in text, name
        assert "page.nn" not in text.replace('name="page.nn"', ""), name


def test_a_syntax_error_there_is_one_and_a_word_used_wrongly_shows_both_files() -> None:
    write(words="layer wrong {\n  y = x +\n}\n", page='import "words.nn"\nnetwork { wrong }\n')
    said = "expected a value after `+`, found the end of the line"
    assert found() == [f"words.nn:2:10: error[NN101]: {said}"]
    write(words="layer wide(n) {\n  W = parameter(5, n)\n  y = x @ W\n}\n")
    write(page='import "words.nn"\nnetwork { input(8); wide(3) }\n')
    (diagnostic,) = nndsl.check("page.nn")
    assert str(diagnostic).startswith("words.nn:3:7: error[NN301]")
    assert {label.span.source.name for label in diagnostic.labels} == {"words.nn", "page.nn"}


def test_fixes_leave_the_imported_file_alone(cli: Cli) -> None:
    write(words="layer wrong {\n  y = sigmoyd(x)\n}\n", page='import "words.nn"\n' + NETWORK)
    assert cli("check", "page.nn", "--fix").code == 1
    assert "sigmoyd" in Path("words.nn").read_text()


def test_a_warning_is_allowed_in_the_file_that_it_is_about() -> None:
    layer = "layer logs {\n  y = log(x)%s\n}\n"
    write(page='import "words.nn"\nnetwork { input(8); dense(4); logs; dense(3) }\n')
    write(words=layer % "")
    assert [line.split(":")[0] for line in found()] == ["words.nn"]
    write(words=layer % "  # nndsl: allow NN471")
    assert not found()


def test_names_given_twice_show_both_files() -> None:
    write(words=SWISH, page='import "words.nn"\nlet scale = 3\n' + NETWORK)
    (diagnostic,) = nndsl.check("page.nn")
    assert str(diagnostic).startswith("page.nn:2:5: error[NN203]: `scale` is defined twice")
    assert diagnostic.labels[0].span.source.name == "words.nn"
    write(page='import "words.nn"\nimport "./words.nn"\n' + NETWORK)
    assert found() == ["page.nn:2:8: error[NN203]: `./words.nn` is imported twice"]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ('import "no.nn"', "1:8: error[NN229]: no.nn does not exist"),
        ('import "folder"', "1:8: error[NN229]: folder is a folder"),
        ('import "bytes.nn"', "1:8: error[NN229]: bytes.nn is not UTF-8 text (byte 0)"),
        ('import "table.csv"', "1:8: error[NN229]: table.csv is a table, and a page is wanted"),
        ('import "huge.nn"', "1:8: error[NN229]: huge.nn is larger than 20 MB, and no spec"),
        ('import "pipe.nn"', "1:8: error[NN229]: pipe.nn is no regular file"),
        ('import ""', "1:8: error[NN229]: this names no file"),
        ('import "a\\u0000b"', "1:8: error[NN229]: this names no file"),
        ('import "../out.nn"', "1:8: error[NN229]: ../out.nn lies outside of the page's folder"),
        ('import "link.nn"', "1:8: error[NN229]: link.nn lies outside of the page's folder"),
        ('import "page.nn"', "1:8: error[NN229]: this import closes a circle"),
        ("import words", '1:1: error[NN224]: `import` is written import "words.nn"'),
        ('import = "words.nn"', '1:1: error[NN224]: `import` is written import "words.nn"'),
        ("import", '1:1: error[NN224]: `import` is written import "words.nn"'),
        ("import(3)", '1:1: error[NN224]: `import` is written import "words.nn"'),
        ('imprt "words.nn"', "1:1: error[NN220]: unknown section `imprt`"),
    ],
)
def test_what_cannot_be_imported(page: str, said: str) -> None:
    write(words=SWISH, page=page + NETWORK.replace("swish", "relu"))
    Path("folder").mkdir()
    Path("bytes.nn").write_bytes(b"\xff\xfe")
    Path("table.csv").write_text("a,b\n")
    with Path("huge.nn").open("wb") as file:
        file.truncate(20_000_001)
    os.mkfifo("pipe.nn")
    Path("../out.nn").write_text(SWISH)
    Path("link.nn").symlink_to("../out.nn")
    (line, *_) = found()
    assert line.startswith(f"page.nn:{said}"), line


def test_a_file_that_may_not_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the system says it to anybody but root, who may be the one that tests."""
    write(words=SWISH, page='import "words.nn"\n' + NETWORK)
    read = Path.read_bytes

    def refused(path: Path) -> bytes:
        if path.name == "words.nn":
            raise PermissionError(errno.EACCES, "Permission denied")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", refused)
    assert "words.nn cannot be read: Permission denied" in found()[0]


def test_a_circle_shows_itself() -> None:
    write(
        a='import "b.nn"\nlayer a { y = x }\n',
        b='import "c.nn"\nlayer b { y = x }\n',
        c='import "a.nn"\nlayer c { y = x }\n',
        page='import "a.nn"\nnetwork { input(8); a; b; c; dense(3) }\n',
    )
    said = "this import closes a circle: a.nn → b.nn → c.nn → a.nn"
    assert found() == [f"c.nn:1:8: error[NN229]: {said}"]


def test_a_file_of_words_holds_no_network() -> None:
    write(words="layer a { y = x }\ntrain { epochs = 3 }\n")
    write(page='import "words.nn"\nnetwork { input(8); a; dense(3) }\n')
    (diagnostic,) = nndsl.check("page.nn")
    where = "words.nn:2:1: error[NN229]: `train` stands in a file that is imported"
    assert str(diagnostic).startswith(where)
    assert diagnostic.labels[0].span.source.name == "page.nn"


def test_words_from_elsewhere_are_named_on_the_command_line(cli: Cli) -> None:
    Path("../shared").mkdir()
    Path("../shared/words.nn").write_text(SWISH)
    write(page='import "../shared/words.nn"\n' + NETWORK)
    assert "--words ../shared/words.nn" in found()[0]
    for named in ("../shared/words.nn", "../shared", ".."):
        assert not nndsl.check("page.nn", words=[named])
        assert cli("check", "page.nn", "--words", named).code == 0
    assert cli("check", "page.nn", "../shared").code == 0
    assert cli("check", "page.nn", "--words", "../shared/other.nn").code == 1
    assert nndsl.load("page.nn", words=[".."]).parameters


def test_the_digits_of_a_script_and_weights_know_the_words() -> None:
    write(words=SWISH, page='import "words.nn"\n' + NETWORK)
    before = nndsl.load("page.nn")
    before.save("weights.npz")
    nndsl.load("page.nn").restore("weights.npz")
    script = nndsl.build("page.nn")
    write(words=SWISH.replace("sigmoid", "tanh"))
    assert nndsl.build("page.nn") != script
    with pytest.raises(nndsl.ModelError, match="belongs to another network"):
        nndsl.load("page.nn").restore("weights.npz")


def test_convert_keeps_the_import_and_comes_back(cli: Cli) -> None:
    write(words=SWISH, page='import "words.nn"\n' + NETWORK)
    written = json.loads(cli("convert", "page.nn", "--to", "json").out)
    assert written["import"] == ["words.nn"]
    Path("page.json").write_text(json.dumps(written))
    assert cli("convert", "page.json", "--to", "nn").out == Path("page.nn").read_text()
    assert cli("fmt", "--check", "page.nn", "words.nn").code == 0


def test_found_is_sorted_by_file(cli: Cli) -> None:
    write(
        a="layer a { y = p }\nlayer b { y = q }\n",
        z="layer c { y = r }\n",
        page='import "z.nn"\nimport "a.nn"\nnetwork { input(8); s }\n',
    )
    lines = cli("check", "page.nn", "--format", "concise").out.splitlines()
    assert [line.split(":")[0] for line in lines[:4]] == ["a.nn", "a.nn", "z.nn", "page.nn"]


def test_a_chain_of_files_looks_once_where_each_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []
    plain_resolve = Path.resolve

    def resolve(path: Path, strict: bool = False) -> Path:
        asked.append(path)
        return plain_resolve(path, strict)

    chain = {f"w{n}": f'import "w{n + 1}.nn"\n' for n in range(1, 40)}
    write(**chain, w40=SWISH, page='import "w1.nn"\n' + NETWORK)
    monkeypatch.setattr(Path, "resolve", resolve)
    assert not found()
    assert len(asked) < 3 * 40


def test_a_word_without_its_import_names_the_file_that_defines_it(cli: Cli) -> None:
    write(words=SWISH, page=NETWORK)
    assert 'words.nn defines it: import "words.nn"' in cli("check", "page.nn").out
