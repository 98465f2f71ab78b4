"""Ten tables, the page that `nndsl new --from` writes for each, and scikit-learn beside it.

    python -m bench.tables [--only NAME …] [--keep FOLDER]

Both learn from the rows that the page learns from, and are judged on those that it holds back, by
the measure that the page names first. `nndsl run` trains the pages unchanged; scikit-learn has a
pipeline of its own (median, standardisation, one-hot) with MLPClassifier or MLPRegressor, and
gradient-boosted trees. scikit-learn's networks stop early, too, on a part of their training rows.
Where the page weighs classes, both have balanced weights. --keep leaves tables, pages and the
folders of the runs, with their reports, for a look at them.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

import nndsl
from bench.table import duration, table
from nndsl.analysis.metrics import best_baseline
from nndsl.cli import main as nndsl_command
from nndsl.data.dates import forms
from nndsl.live.model import Model
from nndsl.vocabulary import partition

Row = list[Any]


# --- The tables ------------------------------------------------------------------------


def of_sklearn(name: str, target: str) -> Callable[[], Iterator[Row]]:
    """Return what yields the header and the rows of one of scikit-learn's tables."""

    def rows() -> Iterator[Row]:
        from sklearn import datasets

        held = getattr(datasets, f"load_{name}")()
        names = [n.replace(" (cm)", "").replace(" ", "_") for n in map(str, held.feature_names)]
        t = held.target[:, list(held.target_names).index(target)] if held.target.ndim > 1 else []
        labels = getattr(held, "target_names", None) if name != "digits" else None
        yield [*names, target]
        for at, values in enumerate(held.data.tolist()):
            label = t[at] if len(t) else held.target[at]
            is_class = labels is not None and not len(t) and name != "diabetes"
            yield [*values, labels[label] if is_class else label]

    return rows


def cars(rows: int = 900) -> Iterator[Row]:
    """A European table: semicolons, decimal commas, points in thousands, dates, a remark."""
    draw = random.Random(1)

    def european(value: float) -> str:
        return f"{value:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")

    yield ["Nr", "Erstzulassung", "Marke", "Kilometer", "Leistung", "Bemerkung", "Preis"]
    makes = {"Audi": 1.2, "BMW": 1.25, "Fiat": 0.7, "Škoda": 0.9, "VW": 1.0}
    for number in range(1, rows + 1):
        day = datetime(2010, 1, 1) + timedelta(days=draw.randrange(5000))
        make = draw.choice(list(makes))
        km = draw.uniform(5, 250) * 1000
        power = draw.gauss(90, 25)
        age = (datetime(2024, 1, 1) - day).days / 365
        price = makes[make] * (8000 + 220 * power) * math.exp(-0.11 * age - km / 400_000)
        price *= draw.uniform(0.9, 1.1)
        remark = f"{draw.choice(['Garage', 'scheckheft', 'Erstbesitz'])} {draw.random():.6f}"
        first = f"{day:%d.%m.%Y}"
        yield [number, first, make, european(km), european(power), remark, european(price)]


def patients(rows: int = 1500) -> Iterator[Row]:
    """Dates, and values that are missing in several ways, most often where they would be large."""
    draw = random.Random(2)
    yield ["patient_id", "admitted", "age", "ward", "pressure", "marker", "smoker", "stay"]
    for _ in range(rows):
        day = datetime(2021, 1, 1) + timedelta(days=draw.randrange(1200))
        age, pressure, marker = draw.gauss(60, 15), draw.gauss(130, 20), draw.lognormvariate(0, 1)
        ward, smoker = draw.choice(["A", "B", "C", "ICU"]), draw.random() < 0.3
        risk = 0.05 * (age - 60) + 0.03 * (pressure - 130) + 1.2 * math.log(marker)
        risk += (ward == "ICU") * 1.5 + smoker + (day.weekday() > 4) * 0.8 + draw.gauss(0, 1)
        cells = [f"{age:.0f}", ward, f"{pressure:.0f}", f"{marker:.3f}", "yes" if smoker else "no"]
        rare = [0.03, 0.05, 0.1, 0.4 if marker > 2 else 0.1, 0.2]
        cells = [
            draw.choice(["", "NA", "?"]) if draw.random() < share else cell
            for cell, share in zip(cells, rare, strict=True)
        ]
        stay = "long" if risk > 0.8 else "short"
        yield [draw.randrange(10**6, 10**7), f"{day:%Y-%m-%d}", *cells, stay]


def payments(rows: int = 200_000) -> Iterator[Row]:
    """200,000 rows, of which 7 % are what is looked for."""
    draw = random.Random(3)
    yield ["amount", "hour", "country", "device", "age_of_account", "failed_logins", "fraud"]
    countries = [f"{a}{b}" for a in "ABCDEF" for b in "XYZW"]
    for _ in range(rows):
        amount, hour = draw.lognormvariate(3, 1.2), draw.randrange(24)
        country, device = draw.choice(countries), draw.choice(["phone", "web", "tablet"])
        age, failed = draw.expovariate(1 / 500), min(9, int(draw.expovariate(1.5)))
        score = 0.9 * math.log(amount) - 0.004 * age + 0.8 * failed + (hour < 6) * 1.3
        score += (country[0] == "A") * 1.2 + (device == "web") * 0.5 + draw.gauss(0, 1)
        answer = "yes" if score > 5.06 else "no"
        yield [f"{amount:.2f}", hour, country, device, f"{age:.0f}", failed, answer]


def hours(rows: int = 8760) -> Iterator[Row]:
    """A year of measurements, an hour a row, with a day, a week and the weather in them."""
    draw = random.Random(4)
    yield ["time", "temperature", "wind", "holiday", "load_mw"]
    drift = 0.0
    for hour in range(rows):
        now = datetime(2023, 1, 1) + timedelta(hours=hour)
        drift = 0.98 * drift + draw.gauss(0, 0.6)
        season = -math.cos(2 * math.pi * hour / 8760)
        warm = 11 + 9 * season + 4 * math.sin(2 * math.pi * (now.hour - 9) / 24) + drift
        holiday = (now.month, now.day) in {(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)}
        busy = (now.weekday() < 5 and not holiday) * 9
        load = 42 + busy * math.exp(-(((now.hour - 13) / 5) ** 2))
        load += 0.5 * abs(warm - 17) + 6 * math.exp(-(((now.hour - 19) / 2.5) ** 2))
        wind = draw.weibullvariate(6, 2)
        cells = [f"{warm:.1f}", f"{wind:.1f}" if draw.random() > 0.02 else "", "yn"[not holiday]]
        yield [f"{now:%Y-%m-%d %H:%M}", *cells, f"{load + draw.gauss(0, 1):.2f}"]


TABLES: dict[str, tuple[Callable[[], Iterator[Row]], str, str]] = {
    "iris": (of_sklearn("iris", "species"), "species", ","),
    "wine": (of_sklearn("wine", "cultivar"), "cultivar", ","),
    "breast_cancer": (of_sklearn("breast_cancer", "diagnosis"), "diagnosis", ","),
    "digits": (of_sklearn("digits", "digit"), "digit", ","),
    "diabetes": (of_sklearn("diabetes", "progression"), "progression", ","),
    "linnerud": (of_sklearn("linnerud", "Waist"), "Waist", ","),
    "cars": (cars, "Preis", ";"),
    "patients": (patients, "stay", ","),
    "payments": (payments, "fraud", ","),
    "hours": (hours, "load_mw", ","),
}


def write_table(name: str, folder: Path) -> Path:
    """Write a table as a CSV file."""
    rows, _, delimiter = TABLES[name]
    path = folder / f"{name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows())
    return path


# --- Who is judged ---------------------------------------------------------------------


def measure(name: str, folder: Path) -> list[str]:
    """Return a row of the table of results: what each reaches on the rows that were held back."""
    path, target = write_table(name, folder), TABLES[name][1]
    spec, run = folder / f"{name}.nn", folder / f"{name}-run"
    if _quietly("new", "--from", str(path), "--target", target, "-o", str(spec)):
        raise SystemExit(f"{name}: no page")
    begun = time.perf_counter()
    if _quietly("run", str(spec), "-o", str(run)):
        raise SystemExit(f"{name}: the page did not train")
    took = time.perf_counter() - begun
    model = nndsl.load(spec)
    assert model.spec.train is not None
    assert model.spec.train.metrics is not None
    metric = model.spec.train.metrics[0]
    column = f"test_{metric.keyword()}"
    results = json.loads((run / "results.json").read_text(encoding="utf-8"))
    baseline = best_baseline(results["baselines"].items(), column)
    assert baseline is not None
    others, seconds = scikit_learn(path, model, metric.keyword())
    found = [results[column], baseline[1], *others]
    better = found[0] > found[1] if metric.higher_is_better else found[0] < found[1]
    rows = f"{model.spec.description.examples or 0:,}"
    judged = [f"{value:.4g}" for value in found]
    times = [duration(took), duration(seconds)]
    return [
        name,
        rows,
        metric.keyword().replace("_", " "),
        *judged,
        *times,
        "yes" if better else "NO",
    ]


def scikit_learn(path: Path, model: Model, metric: str) -> tuple[list[float], float]:
    """Return what scikit-learn's network and its trees reach on the same rows, and its time."""
    from sklearn import ensemble, metrics, neural_network, utils
    from sklearn.pipeline import make_pipeline

    data, described = model.spec.data, model.spec.description
    assert data is not None
    X, t, encode = _columns(path, model)
    training, test = _parts(model, t)
    names = described.classes
    large = {
        "early_stopping": True,
        "max_iter": 300,
        "random_state": 0,
        "hidden_layer_sizes": (64, 64),
    }
    network = neural_network.MLPClassifier if names else neural_network.MLPRegressor
    trees = (
        ensemble.HistGradientBoostingClassifier if names else ensemble.HistGradientBoostingRegressor
    )
    weight = utils.class_weight.compute_sample_weight
    judge = getattr(metrics, f"{metric}_score" if names else metric)
    y = t.astype(np.int64) if names else t
    mean, scale = (0, 1) if names else (y[training].mean(), y[training].std())
    found, begun, seconds = [], time.perf_counter(), 0.0
    weighs = metric == "balanced_accuracy"
    for who in (network(**large), trees(random_state=0)):
        pipe, step = make_pipeline(encode(), who), type(who).__name__.lower()
        given = {f"{step}__sample_weight": weight("balanced", y[training])} if weighs else {}
        pipe.fit(X[training], y[training] if names else (y[training] - mean) / scale, **given)
        answers = pipe.predict(X[test])
        found.append(float(judge(y[test], answers if names else answers * scale + mean)))
        seconds = seconds or time.perf_counter() - begun
    return found, seconds


def _quietly(*command: str) -> int:
    """Run a command of nndsl; return its exit code. What it prints is no row of the table."""
    with redirect_stdout(StringIO()):
        return nndsl_command(command)


def _parts(model: Model, t: Any) -> tuple[Any, Any]:
    """Return the rows that the page learns from and those that it judges by."""
    data = model.spec.data
    assert data is not None
    text, _ = partition.text(data, model.spec.description, "classes")
    names: dict[str, Any] = {"np": np, "X": np.zeros((len(t), 1)), "t": t, "statistics": {}}
    names |= {"TEST": data.test, "VALIDATION": data.validation, "dtype": np.float64}
    names["rng"] = np.random.default_rng(model.spec.seed).spawn(1)[0]
    exec(text.partition("fill = ")[0].partition("mean = ")[0], names)  # the cut alone
    return np.concatenate([names["training"], names["validation"]]), names["test"]


def _columns(path: Path, model: Model) -> tuple[Any, Any, Callable[[], Any]]:
    """Return the columns as people load them, the targets, and scikit-learn's way to encode."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    data: Any = model.spec.data
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file, delimiter=data.delimiter)
    table = {
        name: list(values) for name, values in zip(header, zip(*rows, strict=True), strict=True)
    }
    columns: list[Any] = []
    texts: list[int] = []
    for column in model.spec.description.inputs:
        values = table[column.name]
        if column.date is not None:
            columns += _dates(values)
        elif column.levels:
            texts.append(len(columns))
            columns.append(values)
        else:
            columns.append([_number(value, data.decimal) for value in values])
    numbers = [at for at in range(len(columns)) if at not in texts]
    X = np.array(columns, dtype=object).T
    t = table[data.target[0]]
    if model.spec.description.classes:
        target = np.array([model.spec.description.names.index(label) for label in t])
    else:
        target = np.array([_number(value, data.decimal) for value in t])

    def encode() -> Any:
        of_numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
        of_texts = OneHotEncoder(handle_unknown="ignore", max_categories=20, sparse_output=False)
        return ColumnTransformer([("numbers", of_numbers, numbers), ("texts", of_texts, texts)])

    return X, target, encode


def _number(value: str, decimal: str) -> float:
    if decimal == ",":
        value = value.replace(".", "").replace(",", ".")
    return float(value) if value not in ("", "NA", "?") else math.nan


def _dates(values: Iterable[str]) -> list[list[float]]:
    values = list(values)
    form = forms(values[:100])[0]
    moments = [datetime.strptime(value, form) for value in values]
    parts = [[moment.timestamp() for moment in moments], [m.weekday() for m in moments]]
    return (
        [*parts, [m.hour for m in moments]]
        if "%H" in form
        else [*parts, [m.month for m in moments]]
    )


def main() -> None:
    """Measure all, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.tables", description=__doc__)
    parser.add_argument("--only", nargs="*", choices=TABLES, default=list(TABLES))
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    head = ["table", "rows", "measure", "page of `new`", "baseline", "sklearn MLP", "boosted trees"]
    head += ["time", "time of MLP", "beats the baseline"]
    with tempfile.TemporaryDirectory() as folder:
        rows = []
        for name in given.only:
            rows.append(measure(name, given.keep or Path(folder)))
            print(*rows[-1], sep="   ", flush=True)  # the large ones take minutes
    print("\n".join(table(head, rows)))


if __name__ == "__main__":
    main()
