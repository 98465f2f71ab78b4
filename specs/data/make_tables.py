"""Make the tables of this folder:  python specs/data/make_tables.py

digit_features.csv   measured on the bundled handwritten digits (real data)
pendulum.csv         computed from the pendulum's formula, with noise (pretended measurements)
weather.csv          computed, too: pressure that drifts, warmth that follows it and the sun
"""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent
DIGITS = FOLDER.parents[1] / "nndsl" / "datasets" / "digits.npz"
NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
GRAVITY = {"earth": 9.81, "mars": 3.71, "moon": 1.62}  # m/s^2


def measure(image: np.ndarray) -> dict[str, float]:
    """Return what describes an image of 8 x 8 grey values in [0, 1]."""
    ink = image.sum()
    y, x = np.mgrid[:8, :8]
    center_x, center_y = (image * x).sum() / ink, (image * y).sum() / ink
    rows, columns = np.flatnonzero(image.max(axis=1) > 0.3), np.flatnonzero(image.max(axis=0) > 0.3)
    dark = np.pad(image > 0.5, 1).astype(int)
    return {
        "ink": ink / 64,
        "upper_left": image[:4, :4].sum() / ink,
        "upper_right": image[:4, 4:].sum() / ink,
        "lower_left": image[4:, :4].sum() / ink,
        "middle": image[3:5, 2:6].sum() / ink,
        "height": rows[-1] - rows[0] + 1,
        "width": columns[-1] - columns[0] + 1,
        "center_x": center_x,
        "center_y": center_y,
        "spread_x": math.sqrt((image * (x - center_x) ** 2).sum() / ink),
        "spread_y": math.sqrt((image * (y - center_y) ** 2).sum() / ink),
        "slant": (image * (x - center_x) * (y - center_y)).sum() / ink,
        "mirror_x": np.abs(image - image[:, ::-1]).sum() / ink,
        "mirror_y": np.abs(image - image[::-1]).sum() / ink,
        "strokes_across": (np.diff(dark, axis=1) > 0).sum() / 8,
        "strokes_down": (np.diff(dark, axis=0) > 0).sum() / 8,
    }


def digit_features() -> list[dict[str, float | str]]:
    with np.load(DIGITS) as file:
        images, labels = file["x"] / 16, file["t"]
    return [
        {name: round(float(value), 3) for name, value in measure(image).items()}
        | {"digit": NAMES[label]}
        for image, label in zip(images, labels, strict=True)
    ]


def pendulum() -> list[dict[str, float | str]]:
    rng = np.random.default_rng(0)
    rows: list[dict[str, float | str]] = []
    for place, gravity in GRAVITY.items():
        for _ in range(200):
            length, degrees, mass = rng.uniform(0.2, 2), rng.uniform(5, 60), rng.uniform(50, 500)
            angle = math.radians(degrees)
            period = 2 * math.pi * math.sqrt(length / gravity)
            period *= 1 + angle**2 / 16 + 11 * angle**4 / 3072  # for swings that are not small
            period += rng.normal(0, 0.02)  # s, by hand with a stopwatch
            row = {"length_m": length, "angle_deg": degrees, "mass_g": mass, "period_s": period}
            rows.append({"place": place} | {name: round(value, 3) for name, value in row.items()})
    return rows


def weather() -> list[dict[str, float | str]]:
    """Return hours of days whose warmth comes and goes with high and low pressure."""
    rng = np.random.default_rng(5)
    rows: list[dict[str, float | str]] = []
    pressure = warmth = 0.0
    for hour in range(2500):
        pressure = 0.97 * pressure + rng.normal(0, 0.5)
        warmth = 0.97 * warmth + 0.03 * 2 * pressure + rng.normal(0, 0.2)
        degrees = 12 + warmth + 5 * math.sin(2 * math.pi * (hour % 24 - 9) / 24)
        rows.append(
            {
                "hour": hour,
                "pressure_hpa": round(1013 + 3 * pressure, 1),
                "humidity": round(70 - 2.5 * (degrees - 12) + rng.normal(0, 4), 1),
                "wind_m_s": round(abs(3 - pressure / 2 + rng.normal(0, 1)), 1),
                "temperature_c": round(degrees, 2),
            }
        )
    return rows


def write(name: str, rows: list[dict[str, float | str]]) -> None:
    with (FOLDER / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    write("digit_features.csv", digit_features())
    write("pendulum.csv", pendulum())
    write("weather.csv", weather())
