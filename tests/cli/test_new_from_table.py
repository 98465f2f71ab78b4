"""`nndsl new --from`: a page for a table, with reasons, that works as it is."""

from __future__ import annotations

import csv
import gzip
import random
from pathlib import Path
from typing import Any

import pytest
from command_line import Cli

import nndsl
from nndsl.data import survey
from nndsl.source import read_source
from nndsl.syntax.printer import print_tree


@pytest.fixture(autouse=True)
def _there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def orders(rows: int = 300, *, european: bool = False) -> str:
    draw = random.Random(0)
    lines = ["order_id,day,city,remark,weight,empty,paid"]
    for n in range(rows):
        weight = f"{draw.uniform(1, 900):.1f}" if draw.random() > 0.05 else "NA"
        city = draw.choice(["Rome", "Oslo", "Bern"])
        paid = "no" if draw.random() < 0.06 else "yes"
        lines.append(f"{n},{2020 + n % 3}-01-{1 + n % 28:02d},{city},text {n},{weight},,{paid}")
    text = "\n".join(lines) + "\n"
    return text.replace(".", "#").replace(",", ";").replace("#", ",") if european else text


@pytest.mark.parametrize("european", [False, True])
def test_what_a_page_says_of_a_table(cli: Cli, tmp_path: Path, european: bool) -> None:
    (tmp_path / "orders.csv").write_text(orders(european=european))
    made = cli("new", "--from", "orders.csv", "--target", "paid")
    assert made.code == 0, made.err
    page = (tmp_path / "orders.nn").read_text()
    assert "`paid` has 2 classes (yes 9" in page
    for column, says in {
        "order_id": "left out: it names the rows, or counts them",
        "day": "dates, 2020-01-01",
        "city": "3 kinds",
        "remark": "left out: 300 different texts in 300 rows",
        "weight": "numbers; ",
        "empty": "left out: it holds no values",
    }.items():
        [line] = [line for line in page.splitlines() if line.startswith(f"#   {column} ")]
        assert says in line
    assert 'ignore=["order_id", "remark", "empty"]' in page
    assert ('decimal=","' in page) is european
    assert "missing=median" in page
    assert "split=stratified" in page
    assert "class_weights=balanced" in page
    assert "balanced_accuracy" in page
    assert print_tree(nndsl_tree(tmp_path / "orders.nn")) == page
    assert cli("check", "--strict", "orders.nn").code == 0


def nndsl_tree(path: Path):  # type: ignore[no-untyped-def]
    from nndsl.diagnostics import Diagnostics
    from nndsl.syntax.parser import parse

    return parse(read_source(path), Diagnostics())


def test_a_page_trains_and_predicts(cli: Cli, tmp_path: Path) -> None:
    draw = random.Random(1)
    lines = ["a,b,y"]
    for _ in range(200):
        a, b = draw.uniform(0, 5000), draw.uniform(0, 1)
        lines.append(f"{a:.2f},{b:.3f},{3 * a + 500 * b:.1f}")
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    assert cli("new", "my_page", "--from", "t.csv", "--target", "y").code == 0
    model = nndsl.load(tmp_path / "my_page.nn")
    history = model.fit()
    baseline = history.baseline("test_mean_absolute_error")
    assert baseline is not None
    assert history.results["test_mean_absolute_error"] < 0.1 * baseline[1]
    model.save(tmp_path / "w.npz")
    (tmp_path / "new.csv").write_text("b,a\n0.5,1000\n")
    found = cli("predict", "my_page.nn", "--weights", "w.npz", "--input", "new.csv")
    value = float(found.out.splitlines()[1].split(",")[1])
    assert value == pytest.approx(3250, rel=0.1)


def test_what_people_meet_in_their_own_tables(cli: Cli, tmp_path: Path) -> None:
    """Money with its sign, a column of persons, uneven classes, a last row of totals."""
    lines = ["price;share;guest;room;gone"]
    for n in range(300):
        room = "suite" if n % 50 else ""
        lines.append(f"$ {n},50;{n % 97 + 0.5}%;G{n // 3};{room};{'yes' if n % 8 == 0 else 'no'}")
    (tmp_path / "t.csv").write_text("\n".join([*lines, "sum;;;;"]) + "\n")
    assert cli("new", "--from", "t.csv", "--target", "gone").code == 0
    page = (tmp_path / "t.nn").read_text()
    assert "price  left out: `$ 0,50` in line 2 is a number with a sign or a unit" in page
    assert "share  left out: `0.5%` in line 2 is a number with a sign or a unit" in page
    assert "100 kinds: 19 frequent ones, and one for all others; if rows of one belong" in page
    assert "together, put it in `groups` and leave out `split`" in page
    assert "class_weights=balanced" in page
    assert cli("check", "--strict", "t.nn").code == 0
    (tmp_path / "t.csv").write_text("a;größe\n", "cp1252")
    failed = cli("new", "--from", "t.csv", "--target", "a", "-o", "u.nn")
    assert "iconv -f cp1252 -t utf-8 t.csv > new.csv" in failed.err


def test_rows_of_several_machines_are_held_back_in_time(cli: Cli, tmp_path: Path) -> None:
    rows = "".join(
        f"2024-03-{1 + day:02d},{machine},{day + 10 * at}\n"
        for at, machine in enumerate(("press", "lathe", "saw"))
        for day in range(20)
    )
    (tmp_path / "t.csv").write_text(f"day,machine,load\n{rows}")
    assert cli("new", "--from", "t.csv", "--target", "load").code == 0
    page = (tmp_path / "t.nn").read_text()
    said = "# The rows of each `machine` are in the order of `day`: the last ones are held back.\n"
    assert said in page
    assert '  time="day",\n' in page
    assert cli("check", "--strict", "t.nn").code == 0
    X, _ = nndsl.load("t.nn").data()["test"]
    assert len({*X[:, 0].round(3)}) == 4  # of twelve rows, three of each of the last days


def test_a_column_of_dates_that_is_empty_in_all_rows_that_are_looked_at(
    cli: Cli, tmp_path: Path
) -> None:
    rows = [
        f"{'ab'[i % 2]},{i},{'' if i < 19_990 else '2024-01-05'},{i % 3}" for i in range(20_000)
    ]
    Path("t.csv").write_text("\n".join(["kind,x,seen,y", *rows]), "utf-8")
    assert cli("new", "--from", "t.csv", "--target", "y", "-o", "t.nn").code == 0


def test_what_lacks_values_is_counted_where_rows_stay(cli: Cli, tmp_path: Path) -> None:
    rows = "".join(f"{'' if n % 10 == 0 else n},{n % 7}\n" for n in range(100))
    (tmp_path / "t.csv").write_text(f"a,y\n{rows}5,\n6,\n?,\n")
    assert cli("new", "--from", "t.csv", "--target", "y").code == 0
    page = (tmp_path / "t.nn").read_text()
    assert "# t.csv: 100 rows (3 more have no `y`: left out)" in page
    assert "a  numbers; 10 missing" in page
    assert (
        "10 missing values are filled in: `a` in 10"
        in nndsl.load("t.nn").spec.description.filling_in
    )


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([str(n % 4) for n in range(60)], "classes=true"),
        (["1", "0"] * 30, "classes=true"),
        ([str(n) for n in range(60)], "mean_squared_error"),
        ([str(n % 4 + 0.5) for n in range(60)], "mean_squared_error"),
        (["x", "7"] * 30, "softmax_cross_entropy"),
    ],
)
def test_whether_targets_are_classes(cli: Cli, tmp_path: Path, rows: list[str], kind: str) -> None:
    text = "a,y\n" + "".join(f"{n * n % 17},{label}\n" for n, label in enumerate(rows))
    (tmp_path / "t.csv").write_text(text)
    assert cli("new", "--from", "t.csv", "--target", "y").code == 0
    assert kind in (tmp_path / "t.nn").read_text()
    assert cli("check", "t.nn").code == 0


def test_a_table_in_another_folder(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "my table.csv").write_text("a,y\n" + "1,x\n2,z\n" * 30)
    (tmp_path / "pages").mkdir()
    made = cli("new", "--from", "data/my table.csv", "--target", "y", "-o", "pages/p.nn")
    assert made.code == 0
    assert '"../data/my table.csv"' in (tmp_path / "pages" / "p.nn").read_text()
    assert cli("check", "pages/p.nn").code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--from", "t.csv"], "`t.csv` has `a`, `why`"),
        (["--from", "t.csv", "--target", "wy"], "did you mean `why`?"),
        (["--from", "none.csv", "--target", "y"], "there is no file none.csv"),
        (["--target", "y", "x"], "name the table: --from data.csv"),
        ([], "nndsl new NAME"),
        (["--from", "t.csv", "--target", "why", "-o", "1.nn"], "`1` is no name"),
    ],
)
def test_what_a_page_needs(cli: Cli, tmp_path: Path, arguments: list[str], says: str) -> None:
    (tmp_path / "t.csv").write_text("a,why\n1,2\n")
    made = cli("new", *arguments)
    assert made.code == 2
    assert says in made.err
    assert not list(tmp_path.glob("*.nn"))


BAD = '"\\\nimport "/etc/passwd"\nmodel evil\r\x1b[2J\x85\u2028#'


def test_no_text_of_a_table_becomes_a_line_of_its_page(cli: Cli, tmp_path: Path) -> None:
    names = ["number", "kind", "mixed", "when", "infinite", "target"]
    table = [[f"{name}{BAD}" for name in names]]
    for n in range(60):
        kind, mixed = f"{'red' if n % 3 else 'blue'}{BAD}", f"seven{BAD}" if n % 2 else "7"
        day, large = f"2024-01-{1 + n // 2:02d}", "1e999" + "0" * 500
        table.append([str(n), kind, mixed, day, large, f"class {n % 2}{BAD}{'x' * 500}"])
    file = f"my {BAD.replace('/', '')}.csv"
    with (tmp_path / file).open("w", newline="") as opened:
        csv.writer(opened).writerows(table)
    made = cli("new", "page", "--from", file, "--target", table[0][-1])
    assert made.code == 0, made.err
    lines = (tmp_path / "page.nn").read_text().split("\n")
    comments = [line for line in lines if line.startswith("#")]
    assert all(line.isprintable() and len(line) < 250 for line in comments)
    statements = [line for line in lines if not line.startswith("#")]
    assert statements[0] == "model page"
    assert not any(line.lstrip().startswith(("import", "model evil")) for line in statements)
    checked = cli("check", "page.nn")
    assert checked.code == 0, checked.err


def of_rows(*rows: str, header: str = "a,y") -> bytes:
    return "\n".join([header, *rows, ""]).encode()


def counted(label: str, *, many: int = 60) -> list[str]:
    return [f"{n},{label.replace('#', str(n))}" for n in range(many)]


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (of_rows(*counted("#.5"), "1,inf"), "`y` is no finite number in line 62: inf"),
        (of_rows(*counted("#.5"), "1,NAN"), "`y` is no finite number in line 62: NAN"),
        (of_rows(*counted("x")), '`y` is "x" in each row'),
        (of_rows(*counted("t#", many=1200)), "more than 1000 different texts in 1200 rows"),
        (of_rows(*counted("")), "the column `y` holds no values"),
        (of_rows(*(f",{n}" for n in range(60))), "`a`: it holds no values"),
        (of_rows(*counted('"#,234"')), "`y` is a number with a comma in line 2: 0,234"),
        (of_rows("1,x", "2,z"), "2 rows are too few"),
        (gzip.compress(of_rows(*counted("#.5")))[:30], "cannot be read"),
        (of_rows(*counted("#.5")), "cannot be read"),
    ],
    ids=range(10),
)
def test_tables_that_no_page_is_made_of(cli: Cli, tmp_path: Path, table: bytes, says: str) -> None:
    name = "t.csv.gz" if says == "cannot be read" else "t.csv"
    (tmp_path / name).write_bytes(table)
    made = cli("new", "page", "--from", name, "--target", "y")
    assert made.code == 2
    assert says in made.err
    assert not list(tmp_path.glob("*.nn"))


def test_dates_too_many_to_keep_are_all_looked_at(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(survey, "MAX_TEXTS", 20)
    days = [f"{1 + n % 28:02d}.{1 + n // 28:02d}.2024,{n},{n}.5" for n in range(60)]
    kinds = []
    for last in ("30.12.2024", "soon"):
        (tmp_path / "t.csv").write_bytes(of_rows(*days, f"{last},1,1", header="day,a,y"))
        kinds.append(survey.survey(tmp_path / "t.csv", "y").inputs[0].kind)
    assert kinds == ["date", ""]


def test_a_row_without_a_target_alone_is_left_out(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(of_rows("5,", *counted("#.5")))
    assert cli("new", "--from", "t.csv", "--target", "y").code == 0
    assert "t.csv: 60 rows (1 more has no `y`: left out)" in (tmp_path / "t.nn").read_text()
    assert cli("check", "t.nn").code == 0


@pytest.mark.parametrize(
    ("header", "row", "decimal", "says"),
    [
        ("a,b,y", '"1,23#",#.5,#', False, "a  left out: `1,230` in line 2 is a number with a"),
        ("a;b;y", "1,23#;#.5;#", False, "a  left out: `1,230` in line 2 is a number with a"),
        ("a;b;y", "0,12#;#;#", True, "a  numbers"),
        ("a;b;y", "#,5;#.5;#,5", True, "b  left out: 0.5 in line 2 has a point"),
    ],
)
def test_thousands_and_decimals(
    cli: Cli, tmp_path: Path, header: str, row: str, decimal: bool, says: str
) -> None:
    rows = [row.replace("#", str(n % 10)) for n in range(45)]
    (tmp_path / "t.csv").write_bytes(of_rows(*rows, header=header))
    made = cli("new", "--from", "t.csv", "--target", "y")
    assert made.code == 0, made.err
    page = (tmp_path / "t.nn").read_text()
    assert ('decimal=","' in page) is decimal
    assert says in page
    assert cli("check", "t.nn").code == 0


@pytest.mark.parametrize(
    ("again", "target", "says", "is_copy"),
    [
        ("{n}", "{n}", "holds the very numbers of the target", True),
        ("{vat:.2f}", "{n}", "is the target in another unit (a straight line", False),
        ("{b}", "{b}", "holds the classes of the target", True),
        ("{word}", "{b}", "holds the classes of the target", True),
        ("{status}", "{b}", "tells the class (each of its 3 kinds has one)", False),
        ("{near}", "{n}", "", False),
        ("{tiny}", "{n}", "", False),
        ("{word}", "{noisy}", "", False),
        ("{c}", "{b}", "", False),
    ],
)
def test_a_column_that_tells_the_target_is_named(
    cli: Cli, tmp_path: Path, again: str, target: str, says: str, is_copy: bool
) -> None:
    draw, lines = random.Random(3), ["x,again,y"]
    for k in range(60):
        n, b, c = draw.randrange(100, 999), draw.randrange(2), draw.randrange(3)
        values = {
            "n": n + 0.5,
            "vat": 1.19 * (n + 0.5),
            "tiny": f"{n}e-203",  # its square is 0
            "near": n + draw.random(),
            "b": b,
            "c": c,
            "word": ("no", "yes")[b],
            "noisy": b if k else 1 - b,
            "status": ("out", ("gone", "late")[c % 2])[b],
        }
        lines.append(f"{draw.random():.3f},{again.format(**values)},{target.format(**values)}")
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    assert cli("new", "--from", "t.csv", "--target", "y").code == 0
    page = (tmp_path / "t.nn").read_text()
    [line] = [line for line in page.splitlines() if line.startswith("#   again ")]
    assert says in line
    assert ("left out" in line) is ('ignore="again"' in page) is is_copy
    assert ("`ignore` it if it is not known before" in line) is bool(says and not is_copy)
    (tmp_path / "t.nn").write_text(page.replace('  ignore="again",\n', ""))
    found = cli("check", "t.nn").out
    assert ("NN453" in found) is bool(says)
    assert says in found


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ("{month:02d}/01/2023", "read with the day first (02/01/2023 as 2023-01-02), and all fit"),
        ("{month:02d}/{day:02d}/2023", ""),
        ("2023-{month:02d}-01", ""),
        ("{month:02d}/{month:02d}/2023", ""),
    ],
)
def test_dates_that_may_be_read_in_two_ways_are_said(
    cli: Cli, tmp_path: Path, form: str, says: str
) -> None:
    rows = [f"{form.format(month=1 + n % 12, day=1 + n % 28)},{n * n % 97}" for n in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["day,y", *rows]) + "\n")
    assert cli("new", "--from", "t.csv", "--target", "y").code == 0
    page = (tmp_path / "t.nn").read_text()
    assert ("#   day  dates read with the day first" in page) is bool(says)
    assert says in page
    found = cli("check", "t.nn").out
    assert ("NN458" in found) is bool(says)
    assert "write the dates of the file as YYYY-MM-DD" in found or not says
