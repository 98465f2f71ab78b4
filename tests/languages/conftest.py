"""The pages of other tests, and their data."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "end_to_end"))

from data_files import data_folder

__all__ = ["data_folder"]
