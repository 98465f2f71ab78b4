"""The page that a table suggests: data, network and training, with the reasons as comments."""

import json

from nndsl.data.survey import MAX_CATEGORIES, Survey, SurveyedColumn, shown
from nndsl.data.table import number_of
from nndsl.languages import sentence, translated
from nndsl.languages.widths import pad, width

FEW = 20_000  # rows: weights that stay small do better on new ones
RARE = 0.5  # of the rows that a class would have if all were as many: then classes weigh
_SHOWN = 40  # columns in the comment


def table_page(name: str, file: str, found: Survey) -> str:
    """Return the text of a spec called `name` for the table `file`, which was looked at."""
    rows = f"{shown(file, 80)}: {found.rows:,} row{'s' * (found.rows != 1)}"
    head = [
        translated(f"{rows}{_without_target(found)}. {_says_target(found)}"),
        "",
        f"  nndsl run {name}.nn                  {translated('train, judge, and write a report')}",
        f"  nndsl predict {name}.nn --weights runs/{name}-1 --input new.csv",
        "",
        translated("Columns, and what is made of them:"),
        *(f"  {line}" for line in _columns(found)),
    ]
    lines = [f"# {line}".rstrip() for line in head]
    lines += [f"model {name}", "", *_data(file, found), "", *_network(found), "", *_train(found)]
    return "\n".join(lines) + "\n"


def _without_target(found: Survey) -> str:
    if not found.without_target:
        return ""
    many = "have" if found.without_target > 1 else "has"
    return f" ({found.without_target:,} more {many} no `{shown(found.target)}`: left out)"


def _says_target(found: Survey) -> str:
    if not found.classes:
        return f"`{shown(found.target)}` is a number."
    shares = sorted(found.classes.items(), key=lambda pair: -pair[1])
    listed = ", ".join(f"{shown(label)} {count / found.rows:.1%}" for label, count in shares[:6])
    more = f" and {len(shares) - 6} more" if len(shares) > 6 else ""
    numbers = ": whole numbers, and few" if _all_numbers(found) else ""
    return f"`{shown(found.target)}` has {len(shares)} classes{numbers} ({listed}{more})."


def _columns(found: Survey) -> list[str]:
    names = [shown(column.name) for column in found.inputs[:_SHOWN]]
    widest = max(map(width, names))
    lines = [
        f"{pad(name, widest)}  {translated(_says(column))}"
        for name, column in zip(names, found.inputs, strict=False)
    ]
    more = len(found.inputs) - _SHOWN
    return [*lines, *([translated(f"and {more} more")] if more > 0 else [])]


def _says(column: SurveyedColumn) -> str:
    reason = sentence(column.reason)
    if not column.kind:
        return sentence("left out: {reason}", reason=reason)
    count = f"{column.missing:,}"
    missing = sentence("{reason}; {count} missing", reason=reason, count=count)
    return missing if column.missing else reason


def _data(file: str, found: Survey) -> list[str]:
    used = [column for column in found.inputs if column.kind]
    left_out = [column.name for column in found.inputs if not column.kind]
    mixed = [c.name for c in used if c.kind == "mixed"]
    dates = [c.name for c in used if c.kind == "date"]
    many = any(c.kind in ("category", "mixed") for c in used)
    arguments = [_string(file), f"target={_string(found.target)}"]
    arguments += [f"delimiter={_string(found.delimiter)}"] * (found.delimiter != ",")
    arguments += ['decimal=","'] * (found.decimal == ",")
    arguments += ["classes=true"] * (bool(found.classes) and found.numbers_are_classes)
    arguments += [f"ignore={_names(left_out)}"] * bool(left_out)
    arguments += [f"categories={_names(mixed)}"] * bool(mixed)
    arguments += [f"dates={_names(dates)}"] * bool(dates)
    arguments += [f"max_categories={MAX_CATEGORIES}"] * many
    if any(column.missing for column in used):
        arguments += ["missing=median", "indicators=true"]
    elif found.without_target:
        arguments.append("missing=drop")
    arguments.append("standardize=true")
    arguments += ["standardize_target=true"] * (not found.classes)
    split = "stratified" if found.classes and min(found.classes.values()) > 4 else ""
    if found.series:
        split, arguments = "", [*arguments, f"time={_string(found.in_order)}"]
    elif found.in_order:
        split = "in_order"
    arguments += [f"split={split}"] * bool(split)
    arguments += ["validation=0.15", "test=0.2"]
    rows = f"rows of each `{shown(found.series)}`" if found.series else "rows"
    order = (
        f"The {rows} are in the order of `{shown(found.in_order)}`: the last ones are held back."
    )
    why = [f"# {translated(order)}"]
    inside = [f"  {argument}," for argument in arguments]
    return [*why * bool(found.in_order), "data = csv(", *inside, ")"]


def _names(names: list[str]) -> str:
    strings = ", ".join(map(_string, names))
    return f"[{strings}]" if len(names) > 1 else strings


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _network(found: Survey) -> list[str]:
    units = 32 if found.rows < 2_000 else 64 if found.rows < FEW else 128
    return [
        "network {",
        f"  dense({units})",
        "  relu",
        f"  dense({units})",
        "  relu",
        "  dense(classes)" if found.classes else "  dense(1)",
        "}",
    ]


def _train(found: Survey) -> list[str]:
    loss, metrics, why = "mean_squared_error", "mean_absolute_error, r2", ""
    if found.classes:
        loss, metrics = "softmax_cross_entropy", "accuracy"
        counts = list(found.classes.values())
        even = found.rows / len(counts)
        if min(counts) < RARE * even:
            loss = "softmax_cross_entropy(class_weights=balanced)"
            metrics = "balanced_accuracy, " + ("roc_auc" if len(counts) == 2 else "f1")
            why = f"  # {translated('classes are uneven: each weighs as much as another in all')}"
    batch = (
        4 if found.rows < 50 else 32 if found.rows < 5_000 else 128 if found.rows < 50_000 else 512
    )
    epochs = 200 if found.rows < 5_000 else 60 if found.rows < 50_000 else 20
    optimizer = ["  optimizer  = adam(lr=0.001)", "  regularize = l2(1e-4)"]
    if found.rows < FEW:
        optimizer = ["  optimizer  = adamw(lr=0.001, weight_decay=0.3)"]
    end = translated("at most: it ends where the validation part gets no better")
    return [
        "train {",
        *([why] if why else []),
        f"  loss       = {loss}",
        *optimizer,
        f"  batch      = {batch}",
        f"  epochs     = {epochs}  # {end}",
        f"  stop       = early(patience={max(3, epochs // 10)})",
        f"  metrics    = [{metrics}]",
        "}",
    ]


def _all_numbers(found: Survey) -> bool:
    return all(number_of(label) is not None for label in found.classes)
