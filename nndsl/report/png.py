"""Small images as PNG, for a page that needs no other file."""

import base64
import struct
import zlib

import numpy as np
import numpy.typing as npt


def data_address(image: npt.NDArray[np.float32]) -> str:
    """Return an image (channels, height, width), of one or three channels, as a `data:` address.

    Its darkest number is black, its brightest white.
    """
    low, high = float(image.min()), float(image.max())
    return png_address(np.rint(255 * (image - low) / ((high - low) or 1)).astype(np.uint8))


def png_address(levels: npt.NDArray[np.uint8]) -> str:
    """Return levels from 0 to 255 (channels, height, width) as a `data:` address."""
    channels, height, width = levels.shape
    rows = np.zeros((height, 1 + channels * width), np.uint8)  # 0: a row that is not filtered
    rows[:, 1:] = levels.transpose(1, 2, 0).reshape(height, -1)
    kind = 0 if channels == 1 else 2  # grey or colours
    head = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, *zip(*parts, strict=True)))
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
