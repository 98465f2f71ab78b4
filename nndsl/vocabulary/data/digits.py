"""The bundled handwritten digits."""

from pathlib import Path

from pydantic import Field

from nndsl.data import Description, Signal
from nndsl.vocabulary.dataset import Data

_FILE = Path(__file__).parents[2] / "datasets" / "digits.npz"


class Digits(Data):
    """1,797 handwritten digits of 8 x 8 pixels in [0, 1]. Alpaydin and Kaynak 1998 (UCI)."""

    images: bool = Field(False, description="images (1, 8, 8) instead of rows of 64 pixels")

    positional = 0

    @property
    def read(self) -> str:  # type: ignore[override]
        shape = "1, 8, 8" if self.images else "64"
        return f"""
            with np.load(path) as file:
                X = file["x"].reshape(-1, {shape}).astype(dtype) / 16   # from 0 to 16, now to 1
                t = file["t"].astype(np.int64)
        """

    def files(self, folder: Path) -> dict[str, Path]:
        return {"path": _FILE}

    @property
    def white(self) -> float:
        return 1

    def describe(self, folder: Path) -> Description:
        shape = (1, 8, 8) if self.images else (64,)
        return Description(
            shape,
            classes=10,
            examples=1797,
            picture=(1, 8, 8),
            title="digits",
            signal=Signal(0.305, 0.141),
        )
