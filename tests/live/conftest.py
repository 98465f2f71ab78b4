"""The tests here make words with arguments as those of the vocabulary do."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "vocabulary"))
