"""What was trained on other data is not taken for what is trained now."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from nndsl.analysis.compile import analyse
from nndsl.diagnostics import Diagnostics
from nndsl.experiment.digests import data_digests
from nndsl.source import Source


def digests(folder: Path, data: str) -> dict[str, str]:
    text = f"data = {data}\nnetwork {{ flatten; dense(2) }}"
    diagnostics = Diagnostics()
    spec = analyse(Source(str(folder / "spec.nn"), text, folder / "spec.nn"), diagnostics).spec
    assert spec is not None, diagnostics.diagnostics
    return data_digests(spec)


def test_the_content_of_a_file_counts(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n3,4\n")
    before = digests(tmp_path, 'csv("a.csv", target="y")')
    assert list(before) == ["a.csv"]
    assert digests(tmp_path, 'csv("a.csv", target="y")') == before
    (tmp_path / "a.csv").write_text("x,y\n1,2\n3,5.5\n")
    assert digests(tmp_path, 'csv("a.csv", target="y")') != before


def test_all_that_is_in_a_folder_counts(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "images" / name).mkdir(parents=True)
        Image.new("L", (2, 2)).save(tmp_path / "images" / name / "0.png")
    data = 'image_folder("images")'
    before = digests(tmp_path, data)
    assert list(before) == ["images/a/0.png", "images/b/0.png"]
    Image.new("L", (2, 2)).save(tmp_path / "images" / "b" / "1.png")
    assert set(digests(tmp_path, data)) - set(before) == {"images/b/1.png"}
    Image.new("L", (2, 2), 200).save(tmp_path / "images" / "a" / "0.png")
    assert digests(tmp_path, data)["images/a/0.png"] != before["images/a/0.png"]
