"""The tests here use the specs and the data of the end-to-end tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "end_to_end"))

from data_files import data_folder

__all__ = ["data_folder"]
