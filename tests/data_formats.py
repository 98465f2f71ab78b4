"""Small data in every format that a page can name, and the words that read it."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

TABLE = "a,b,y\n" + "".join(f"{n},{n % 3},{n % 2}\n" for n in range(40))
UNREADABLE = "cannot be read|damaged"  # as messages say it
READERS = {
    "csv": 'csv("{}/table.csv", target="y")',
    "csv.gz": 'csv("{}/table.csv.gz", target="y")',
    "parquet": 'csv("{}/table.parquet", target="y")',
    "npz": 'npz("{}/arrays.npz")',
    "idx": 'idx("{0}/images.idx3", "{0}/labels.idx1")',
    "image_folder": 'image_folder("{}/photos")',
    "labelled_texts": 'labelled_texts("{}/reviews.csv", length=3)',
    "skip_grams": 'skip_grams("{}/fables.txt")',
    "text": 'text("{}/fables.txt", window=4)',
}


def write(folder: Path) -> None:
    """Write a file of each format."""
    image, parquet = pytest.importorskip("PIL.Image"), pytest.importorskip("pyarrow.parquet")
    from pyarrow import csv

    folder.mkdir(parents=True)
    (folder / "table.csv").write_text(TABLE, "utf-8")
    (folder / "table.csv.gz").write_bytes(gzip.compress(TABLE.encode()))
    parquet.write_table(csv.read_csv(folder / "table.csv"), folder / "table.parquet")
    np.savez(folder / "arrays.npz", x=np.ones((40, 3)), t=np.arange(40) % 2)
    (folder / "images.idx3").write_bytes(
        bytes((0, 0, 8, 3, 0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0, 4)) + bytes(8 * 16)
    )
    (folder / "labels.idx1").write_bytes(bytes((0, 0, 8, 1, 0, 0, 0, 8, 0, 1, 0, 1, 0, 1, 0, 1)))
    for kind in ("cat", "dog"):
        (folder / "photos" / kind).mkdir(parents=True)
        for number in range(4):
            image.new("L", (4, 4)).save(folder / "photos" / kind / f"{number}.png")
    (folder / "reviews.csv").write_text("text,label\n" + "so good,1\nso bad,0\n" * 20, "utf-8")
    (folder / "fables.txt").write_text("the fox and the crow " * 20, "utf-8")
