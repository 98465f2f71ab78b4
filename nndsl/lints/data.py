"""Lints of the data: what the columns of a table show."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import sqrt

from nndsl.lints.context import Finding, LintContext, SpecContext, number
from nndsl.lints.rule import NetworkLint, SpecLint, example
from nndsl.source import Origin
from nndsl.vocabulary.dataset import Data

MAX_SPREAD = 100.0  # of the widest column of inputs, in that of the narrowest
LARGEST_INPUTS = 30.0
MAX_LEFT_OUT = 0.05  # of all rows
MAX_SHARED = 0.05  # of the rows of the test part
ROW_NAMES = ("id", "index", "no", "nr", "number", "row", "#")

_HOUSES = {
    "houses.csv": """\
house_id,rooms,area_cm2,price,price_again
1,3,780000,210,210
2,2,550000,160,160
3,5,1320000,350,350
4,4,990000,280,280
5,2,610000,175,175
6,3,820000,240,240
7,6,1500000,410,410
8,1,320000,95,95
"""
}
_BUILT = {
    "houses.csv": """\
rooms,windows,built,price
3,5,1961,210
2,3,?,160
5,8,1990,350
4,6,2004,280
2,4,?,175
3,6,1950,240
6,9,1978,410
1,2,1983,95
"""
}
_SALES = {
    "sales.csv": """\
day,shop,sold
03/01/2023,1,21
06/01/2023,2,16
09/02/2023,3,35
12/02/2023,1,28
02/03/2023,2,17
05/04/2023,3,24
11/04/2023,1,41
10/05/2023,2,9
"""
}
_PLAN = {
    "houses.csv": """\
floor_area,land,price
78,150,210
55,55,160
132,400,350
99,210,280
61,90,175
82,160,240
150,380,410
32,32,95
"""
}
_TESTED = {
    **_PLAN,
    "more.csv": "floor_area,land,price\n82,160,240\n150,380,410\n71,120,190\n",
    "new.csv": "floor_area,land,price\n91,200,260\n120,310,330\n71,120,190\n",
}


def _spec(*arguments: str, scaled: bool = True) -> str:
    arguments += ("standardize_target=true",) * scaled
    return example(
        "dense(8); relu; dense(1)",
        "batch = 4",
        loss="loss = mean_squared_error",
        data="csv(" + ", ".join(['"houses.csv"', 'target="price"', *arguments]) + ")",
    )


@NetworkLint(
    "NN451",
    "inputs of different size",
    wrong=_spec('ignore=["house_id", "price_again"]'),
    right=_spec('ignore=["house_id", "price_again"]', "standardize=true"),
    files=_HOUSES,
)
def different_scales(context: LintContext) -> Iterator[Finding]:
    """One column of the inputs spreads more than a hundred times as widely as another, and they are
    not standardised.

    The gradient of a weight is as large as its input: the widest column decides the learning rate,
    and the others hardly learn.

    Source: LeCun et al. 1998, Efficient BackProp, section 4.3.
    """
    spec = context.spec
    columns = spec.description.columns
    if spec.data is None or spec.data.standardize_inputs or _normalises_inputs(context):
        return
    spreads = {name: size for name, values in columns.items() if (size := _spread(values)) > 0}
    if len(spreads) < 2:
        return
    narrow, wide = min(spreads, key=spreads.__getitem__), max(spreads, key=spreads.__getitem__)
    if spreads[wide] > MAX_SPREAD * spreads[narrow]:
        yield Finding(
            f"the columns of the inputs differ in size: `{wide}` spreads by "
            f"{number(spreads[wide])}, `{narrow}` by {number(spreads[narrow])}, so that "
            "`{narrow}` hardly counts".replace("{narrow}", narrow),
            _data(context),
            f"write {spec.data.resizing}",
        )


@NetworkLint(
    "NN454",
    "large inputs",
    wrong=_spec(),
    right=_spec("standardize=true"),
    files=_PLAN,
)
def large_inputs(context: LintContext) -> Iterator[Finding]:
    """The inputs have a root mean square above 30 (bytes from 0 to 255, millimetres), and nothing
    brings them to another size.

    The first layer outputs numbers as large, its gradients are as large again, and with a usual
    learning rate the loss becomes infinite.

    Source: LeCun et al. 1998, Efficient BackProp, section 4.3.
    """
    spec = context.spec
    if spec.data is None or not spec.data.resizing or _normalises_inputs(context):
        return
    if spec.data.standardize_inputs or any(different_scales.rule(context)):
        return
    values = [value for column in spec.description.columns.values() for value in column]
    power = sum(value * value for value in values) / len(values) if values else 0.0
    size = sqrt(spec.description.signal.power if spec.description.signal else power)
    if size > LARGEST_INPUTS:
        yield Finding(
            f"the inputs are large (their root mean square is {number(size)}), and weights and "
            "learning rates are made for inputs of about 1",
            _data(context),
            _resizing(spec.data),
        )


def _resizing(data: Data) -> str:
    """Return how the inputs come to a usual size, where they do not by what stands there."""
    name = data.resizing.partition("=")[0]
    given = getattr(data, name)
    if given == type(data).model_fields[name].default:
        return f"write {data.resizing}"
    return f"{name}={given:.4g} leaves them large: divide them by their largest number"


@SpecLint(
    "NN457",
    "large targets",
    wrong=_spec("standardize=true", scaled=False),
    right=_spec("standardize=true"),
    files=_PLAN,
)
def large_targets(context: SpecContext) -> Iterator[Finding]:
    """The numbers to predict have a root mean square above 30, and nothing brings them to another
    size.

    A network begins with outputs of about 1, and an optimizer such as Adam moves a weight by about
    its learning rate: thousands of steps go by until outputs are as large, and until then a squared
    error and its gradient are huge. What is predicted stays in the units of the file.

    Source: LeCun et al. 1998, Efficient BackProp, section 4.5.
    """
    spec, targets = context.spec, context.spec.description.targets
    if spec.data is None or not spec.data.resizing_targets or spec.preparation.targets:
        return
    size = sqrt(sum(value * value for value in targets) / len(targets)) if targets else 0.0
    if size > LARGEST_INPUTS:
        yield Finding(
            f"the targets are large (their root mean square is {number(size)}), and a network "
            "begins with outputs of about 1",
            _data(context),
            f"write {spec.data.resizing_targets}",
        )


@SpecLint(
    "NN452",
    "row number as an input",
    wrong=_spec('ignore=["price_again"]', "standardize=true"),
    right=_spec('ignore=["house_id", "price_again"]', "standardize=true"),
    files=_HOUSES,
)
def row_number(context: SpecContext) -> Iterator[Finding]:
    """A column with a name such as `id` counts the rows, and is an input.

    The order of the rows is no property of an example. Where the table is sorted it gives the
    answer away, and what is learnt holds for no other data.

    Source: Kaufman et al. 2012, Leakage in Data Mining.
    """
    columns = context.spec.description.columns
    for name, values in columns.items():
        word = name.lower().rpartition("_")[2]
        if len(columns) > 1 and word in ROW_NAMES and _counts(values):
            yield Finding(
                f"the column `{name}` counts the rows, and is an input: what it teaches holds for "
                "no other data",
                _data(context),
                f'write ignore=["{name}"]',
            )


@SpecLint(
    "NN456",
    "many rows are left out",
    wrong=_spec("missing=drop", "standardize=true"),
    right=_spec('ignore=["built"]', "standardize=true"),
    files=_BUILT,
)
def many_left_out(context: SpecContext) -> Iterator[Finding]:
    """`missing=drop` leaves out more than one row in twenty.

    The rows that are whole may be others than the rest: who did not say how large a house is has
    another house. What is learnt holds for the rows that are left.

    Source: Little and Rubin 2019, Statistical Analysis with Missing Data, section 3.2.
    """
    described = context.spec.description
    rows = (described.examples or 0) + described.left_out
    if described.left_out > MAX_LEFT_OUT * rows:
        most = max(described.missing, key=described.missing.__getitem__)
        yield Finding(
            described.leaving_out,
            _data(context),
            f'write ignore=["{most}"] to keep the rows and do without this column',
        )


def _sales(*arguments: str) -> str:
    data = ", ".join(['"sales.csv"', 'target="sold"', *arguments, "standardize=true"])
    return example("dense(1)", "batch = 4", loss="loss = mean_squared_error", data=f"csv({data})")


@SpecLint(
    "NN458",
    "day or month first",
    wrong=_sales('dates="day"'),
    right=_sales('ignore="day"'),
    files=_SALES,
)
def day_or_month(context: SpecContext) -> Iterator[Finding]:
    """All dates of a column can be read with the day first and with the month first.

    They are read with the day first. Where the month was meant, each is another date, in another
    order, and nothing fails: what is learnt of the time of year is wrong.

    Source: ISO 8601, which writes 2023-01-03.
    """
    for name, doubt in context.spec.description.date_doubts.items():
        yield Finding(
            f"the dates of `{name}` are {doubt}",
            _data(context),
            "if the month was meant, write the dates of the file as YYYY-MM-DD",
        )


@SpecLint(
    "NN453",
    "target among the inputs",
    wrong=_spec('ignore=["house_id"]', "standardize=true"),
    right=_spec('ignore=["house_id", "price_again"]', "standardize=true"),
    files=_HOUSES,
)
def copied_target(context: SpecContext) -> Iterator[Finding]:
    """A column of the inputs tells the target by itself: it holds its very numbers or its classes,
    or a straight line makes one of the other, or each of its kinds has one class.

    The network learns to copy it, and is useless where the target is not known. A column that is
    filled in together with the target, or after it, is such a one: the status of a booking, where
    the question is whether it will be cancelled.

    Source: Kaufman et al. 2012, Leakage in Data Mining.
    """
    for name, leak in context.spec.description.leaks.items():
        doubt = "there is nothing left to learn"
        yield Finding(
            f"the column `{name}` is an input, and {leak.says}: "
            + (doubt if leak.is_copy else "is it known when the model is used?"),
            _data(context),
            f'write ignore=["{name}"]' + " if it is not" * (not leak.is_copy),
        )


@SpecLint(
    "NN459",
    "tested on what is trained on",
    wrong=_spec('test="more.csv"', "standardize=true"),
    right=_spec('test="new.csv"', "standardize=true"),
    files=_TESTED,
)
def trained_on_test(context: SpecContext) -> Iterator[Finding]:
    """More than one row in twenty of the test part's file is in the file that is trained on, too.

    The network may have learnt these rows by heart, and what is measured on them is better than on
    new ones. A table is split into two files once, row by row, before anything else.

    Source: Kaufman et al. 2012, Leakage in Data Mining.
    """
    known, tested = context.spec.description, context.spec.description.test_examples or 0
    if known.shared_rows > MAX_SHARED * tested:
        yield Finding(
            f"{known.shared_rows} of {tested} rows of the test part are in the file that is "
            "trained on, too: what is measured on them says little of new ones",
            _data(context),
            "take them out of one of the two files, or split one file: test=0.2",
        )


def _spread(values: Sequence[float]) -> float:
    mean = sum(values) / max(1, len(values))
    return sqrt(sum((value - mean) * (value - mean) for value in values) / max(1, len(values)))


def _counts(values: Sequence[float]) -> bool:
    steps = {b - a for a, b in pairwise(values)}
    return len(values) > 2 and values[0] in (0, 1) and len(steps) == 1 and min(steps) >= 1


def _normalises_inputs(context: LintContext) -> bool:
    """Does a layer without weights of its own bring the inputs to one size?"""
    value = context.graph.input
    while len(value.readers) == 1:
        node = value.readers[0]
        if node.layer.removes_offset:
            return True
        if not node.layer.linear or len(node.parameters) > 0:
            return False
        value = node.output
    return False


def _data(context: SpecContext) -> Origin:
    return context.call_sites.call_name(context.spec.origins["data"])
