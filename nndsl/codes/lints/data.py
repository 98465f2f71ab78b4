"""Codes of data that can be read and should not be learnt from as it is."""

from nndsl.codes.code import Code
from nndsl.codes.lints.example import example

_HOUSES = """\
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


_BUILT = """\
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


_PLAN = """\
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


def _spec(*arguments: str) -> str:
    return example(
        "dense(8); relu; dense(1)",
        "batch = 4",
        loss="loss = mean_squared_error",
        data="csv(" + ", ".join(['"houses.csv"', 'target="price"', *arguments]) + ")",
    )


def _code(name: str, title: str, what: str, why: str, wrong: str, right: str, source: str) -> Code:
    return Code(name, title, what, why, wrong, right, source, {"houses.csv": _HOUSES})


CODES = (
    _code(
        "NN451",
        "inputs of different size",
        "One column of the inputs spreads more than a hundred times as widely as another, and they "
        "are not standardised.",
        "The gradient of a weight is as large as its input: the widest column decides the learning "
        "rate, and the others hardly learn.",
        _spec('ignore=["house_id", "price_again"]'),
        _spec('ignore=["house_id", "price_again"]', "standardize=true"),
        "LeCun et al. 1998, Efficient BackProp, section 4.3.",
    ),
    _code(
        "NN452",
        "row number as an input",
        "A column with a name such as `id` counts the rows, and is an input.",
        "The order of the rows is no property of an example. Where the table is sorted it gives "
        "the answer away, and what is learnt holds for no other data.",
        _spec('ignore=["price_again"]', "standardize=true"),
        _spec('ignore=["house_id", "price_again"]', "standardize=true"),
        "Kaufman et al. 2012, Leakage in Data Mining.",
    ),
    _code(
        "NN453",
        "target among the inputs",
        "A column of the inputs holds the very numbers of the target.",
        "The network learns to copy it, and is useless where the target is not known.",
        _spec('ignore=["house_id"]', "standardize=true"),
        _spec('ignore=["house_id", "price_again"]', "standardize=true"),
        "Kaufman et al. 2012, Leakage in Data Mining.",
    ),
    Code(
        "NN454",
        "large inputs",
        "The inputs have a root mean square above 30 (bytes from 0 to 255, millimetres), "
        "and nothing brings them to another size.",
        "The first layer puts out numbers as large, its gradients are as large again, and with a "
        "usual learning rate the loss becomes infinite.",
        _spec(),
        _spec("standardize=true"),
        "LeCun et al. 1998, Efficient BackProp, section 4.3.",
        {"houses.csv": _PLAN},
    ),
    Code(
        "NN456",
        "many rows are left out",
        "`missing=drop` leaves out more than one row in twenty.",
        "The rows that are whole may be others than the rest: who did not say how large a house is "
        "has another house. What is learnt holds for the rows that are left.",
        _spec("missing=drop", "standardize=true"),
        _spec('ignore=["built"]', "standardize=true"),
        "Little and Rubin 2019, Statistical Analysis with Missing Data, section 3.2.",
        {"houses.csv": _BUILT},
    ),
)
