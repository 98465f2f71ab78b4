"""Random specs come from the strategy of the live tests, which needs words of the vocabulary's."""

import sys
from pathlib import Path

for folder in ("live", "vocabulary"):
    sys.path.insert(0, str(Path(__file__).parents[1] / folder))
