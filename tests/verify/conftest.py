"""The tests here run the texts of words, and draw specs, as those of the other folders do."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in ("vocabulary", "live")]
