"""Pictures of a trained network: filters, where it decides, what it attends to, its loss around.

They are SVG, written without matplotlib. Each is None where a network has no such picture.
"""

import math
from collections.abc import Iterator, Sequence
from html import escape

import numpy as np

from nndsl.languages import sentence
from nndsl.live.answering import Answering
from nndsl.live.arrays import Array, Arrays
from nndsl.live.internal_values import internal_values
from nndsl.live.model import Model
from nndsl.report import svg
from nndsl.report.drawing import SERIES
from nndsl.report.page import Picture
from nndsl.report.png import png_address

_MAX_FILTERS, _MAX_MAPS = 64, 12
_GRID = 96  # places in each direction at which a network of two inputs is asked
_MAX_POINTS = 250
_STEPS, _REACH = 17, 1.0  # of the loss around, in each direction
_LEVELS = 12
_MAX_EXAMPLES = 300  # of which the loss around is measured
_GAP = 12
_BLUE, _ORANGE = SERIES[:2]
_WHITE = np.array([255.0, 255.0, 255.0])


# --- Filters ------------------------------------------------------------------------------


def filters(model: Model) -> Picture | None:
    """Draw the weights of the first layer, each filter or unit as an image."""
    images = _first_weights(model)
    if images is None:
        return None
    shown = images[:_MAX_FILTERS]
    limit = float(abs(shown).max()) or 1.0
    across = min(len(shown), 8 if len(shown) <= 32 else 11)
    side = (svg.WIDTH - (across - 1) * 4) / across
    side = min(side, 64.0)
    body = []
    for at, image in enumerate(shown):
        x, y = (at % across) * (side + 4), (at // across) * (side + 4)
        body.append(_image(x, y, side, side, _diverging(image / limit)))
    rows = math.ceil(len(shown) / across)
    few = f"{len(shown)} of {len(images)} are shown."
    of = few if len(shown) < len(images) else f"All {len(images)}."
    caption = f"{of} Blue is negative, orange positive, white 0; the strongest is {limit:.3g}."
    return Picture(
        "Weights of the first layer", svg.inline("".join(body), rows * (side + 4)), caption
    )


def _first_weights(model: Model) -> Array | None:
    """Return the first weights as images (filters, height, width), where they look at images."""
    weights = next((p for p in model.parameters.values() if p.ndim > 1), None)
    shape = model.spec.description.picture or model.example_shape
    if weights is None or len(shape) < 2 or len(model.script.inputs) > 1:
        return None
    if weights.ndim == 4 and weights.shape[2] > 1:
        return np.asarray(weights.mean(axis=1))  # over the channels
    if weights.ndim == 2 and weights.shape[0] == math.prod(shape) and len(shape) == 3:
        return np.asarray(weights.T.reshape(-1, *shape).mean(axis=1))
    return None


# --- Where it decides -----------------------------------------------------------------------


def boundary(models: Sequence[tuple[str, Array]], model: Model) -> Picture | None:
    """Draw which class a network of two inputs says where, at several moments.

    `models` are what stands above each panel, and the answers there: see `decisions`.
    """
    found = _plane(model)
    if found is None:
        return None
    X, t, low, high, names = found
    across = min(len(models), 3)
    side = (svg.WIDTH - (across - 1) * _GAP) / across if across > 1 else 236.0
    body = []
    for at, (title, colors) in enumerate(models):
        x, y = (at % across) * (side + _GAP), (at // across) * (side + 26)
        body.append(svg.text(round(x, 1), round(y + 11, 1), title, size=10.5))
        body.append(_image(x, y + 16, side, side, colors))
        for point, kind in zip(X, t, strict=True):
            place = (point - low) / (high - low)
            cx, cy = x + place[0] * side, y + 16 + (1 - place[1]) * side
            body.append(
                f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="{2.6 if across == 1 else 1.5}" '
                f'fill="{SERIES[kind]}" stroke="#ffffff" stroke-width="0.5"/>'
            )
    height = math.ceil(len(models) / across) * (side + 26)
    legend = ", ".join(f"{name}" for name in names)
    caption = (
        f"The colour is the class that is said at each place, the stronger the surer. Dots: "
        f"{len(X)} examples of the training part, of the classes {legend}."
    )
    return Picture("Where it decides", svg.inline("".join(body), height), caption)


def decisions(model: Model) -> Array | None:
    """Return the colours (3, places, places) of what a network of two inputs says everywhere."""
    found = _plane(model)
    if found is None:
        return None
    _, _, low, high, names = found
    line = np.linspace(0, 1, _GRID)
    places = np.stack(np.meshgrid(line, line[::-1]), axis=-1).reshape(-1, 2)
    asked = Answering(model.checked, model)
    said = np.asarray(asked.output(model.inputs(low + places * (high - low))))
    classes = asked.functions["decide"](said).astype(np.int64)
    sure = np.ones(len(said))
    if "estimates" in asked.functions:
        estimates = asked.functions["estimates"](said)
        if estimates.shape[-1] == 1:
            estimates = np.column_stack([1 - estimates, estimates])
        least = 1 / len(names)
        sure = (estimates[np.arange(len(said)), classes] - least) / (1 - least)
    colors = np.array([_rgb(SERIES[k]) for k in range(len(names))])[classes]
    share = (0.12 + 0.5 * np.clip(sure, 0, 1))[:, None]
    return _levels(share * colors + (1 - share) * _WHITE).reshape(3, _GRID, _GRID)


def _plane(model: Model) -> tuple[Array, Array, Array, Array, tuple[str, ...]] | None:
    """Return points of two dimensions, their classes, two corners, and the names of classes."""
    if model.spec.data is None or tuple(model.example_shape) != (2,):
        return None
    X, t, *_ = model.data()["training"]
    asked = Answering(model.checked, model)
    if isinstance(X, Arrays) or isinstance(t, Arrays) or not asked.is_classification:
        return None
    if len(asked.names) > len(SERIES) or asked.has_positions:
        return None
    low, high = X.min(axis=0), X.max(axis=0)
    room = 0.08 * (high - low) + 1e-9
    X, t = X[:_MAX_POINTS], asked.functions["true"](t[:_MAX_POINTS]).astype(np.int64)
    return X, t, low - room, high + room, asked.names


# --- The loss around --------------------------------------------------------------------------


def surface(model: Model, seed: int = 0) -> Picture | None:
    """Draw the loss along two random directions around the weights, as Li et al. 2018 do it."""
    if model.spec.data is None or model.spec.train is None:
        return None
    X, t, *_ = model.data()["training"]
    X, t = X[:_MAX_EXAMPLES], t[:_MAX_EXAMPLES]
    rng = np.random.default_rng(seed)
    start = {name: array.copy() for name, array in model.parameters.items()}
    first, second = ({n: _direction(a, rng) for n, a in start.items()} for _ in range(2))
    steps = np.linspace(-_REACH, _REACH, _STEPS)
    losses = np.empty((_STEPS, _STEPS))
    try:
        for row, down in enumerate(steps[::-1]):
            for column, right in enumerate(steps):
                for name, array in model.parameters.items():
                    array[...] = start[name] + right * first[name] + down * second[name]
                with np.errstate(all="ignore"):
                    losses[row, column] = model.evaluate(X, t)["loss"]
    finally:
        for name, array in model.parameters.items():
            array[...] = start[name]
    return _surface_picture(losses, len(X))


def _direction(array: Array, rng: np.random.Generator) -> Array:
    """Return a random direction as long as the array; biases stay where they are."""
    if array.ndim < 2:
        return np.zeros_like(array)
    drawn = rng.standard_normal(array.shape)
    return np.asarray(drawn * np.linalg.norm(array) / np.linalg.norm(drawn))


def _surface_picture(losses: Array, examples: int) -> Picture:
    center, least = losses[_STEPS // 2, _STEPS // 2], float(np.nanmin(losses))
    heights = np.log(np.maximum(np.nan_to_num(losses, nan=np.nanmax(losses)), 1e-12))
    fine = _finer(heights, 8)
    low, high = float(fine.min()), float(fine.max())
    levels = np.floor((fine - low) / ((high - low) or 1) * (_LEVELS - 1e-6)) / (_LEVELS - 1)
    side, left, top = 236.0, 40.0, 8.0
    body = [_image(left, top, side, side, _shaded(0.92 * levels))]
    middle = (left + side / 2, top + side / 2)
    body.append(
        f'<path d="M{middle[0] - 5} {middle[1]}h10M{middle[0]} {middle[1] - 5}v10" '
        f'stroke="{_ORANGE}" stroke-width="2"/>'
    )
    for at, label in ((0.0, f"-{_REACH:g}"), (0.5, "0"), (1.0, f"{_REACH:g}")):
        body.append(svg.text(left + at * side, top + side + 14, label, anchor="middle", size=10))
        body.append(svg.text(left - 6, top + (1 - at) * side + 4, label, anchor="end", size=10))
    key = left + side + 14
    scale = np.linspace(0.92, 0, _LEVELS)[:, None]
    body.append(_image(key, top, 12, side, _shaded(scale)))
    for at, value in (
        (1.0, math.exp(low)),
        (0.5, math.exp((low + high) / 2)),
        (0.0, math.exp(high)),
    ):
        body.append(svg.text(key + 17, top + at * (side - 8) + 8, f"{value:.3g}", size=10))
    caption = (
        f"The loss of {examples} examples along two random directions, each as long as the weights "
        f"of a layer. At the cross, where the training ended, it is {center:.3g}; the least that "
        f"is seen here is {least:.3g}. Each shade is a step of its logarithm."
    )
    return Picture("The loss around", svg.inline("".join(body), top + side + 22), caption)


def _finer(grid: Array, times: int) -> Array:
    """Return a grid with so many times as many places, by linear interpolation."""
    places = np.linspace(0, len(grid) - 1, (len(grid) - 1) * times + 1)
    old = np.arange(len(grid))
    rows = np.stack([np.interp(places, old, row) for row in grid])
    return np.stack([np.interp(places, old, column) for column in rows.T], axis=1)


# --- Attention ----------------------------------------------------------------------------------


def attention(model: Model) -> Picture | None:
    """Draw how much each position takes of each, of one example: a map for each head."""
    names = {node.layer.attends for node in model.network_graph.nodes} - {""}
    if not names or model.spec.data is None:
        return None
    part = "test" if "test" in model.data() else "training"
    X = model.data()[part][0]
    layers = internal_values(model, X[:1], names.pop())
    maps = [
        (layer, head) for layer, found in enumerate(layers, 1) for head in enumerate(found[0], 1)
    ]
    if not maps:
        return None
    shown = maps[:_MAX_MAPS]
    across = min(len(shown), 3)
    side = (svg.WIDTH - (across - 1) * _GAP) / across if across > 1 else 236.0
    body = []
    for at, (layer, (head, weights)) in enumerate(shown):
        x, y = (at % across) * (side + _GAP), (at // across) * (side + 22)
        title = sentence("layer {layer}, head {head}", layer=layer, head=head)
        body.append(svg.text(round(x, 1), round(y + 11, 1), title, size=10))
        body.append(_image(x, y + 15, side, side, _shaded(weights / (weights.max() or 1))))
    height = math.ceil(len(shown) / across) * (side + 22)
    of = f" {len(shown)} of {len(maps)} are shown." if len(shown) < len(maps) else ""
    caption = (
        f"The first example of the {part} part. A row is a position, from the first on top; its "
        f"dark places are where it looks. A map for each head, layer by layer.{of}"
    )
    return Picture("What it attends to", svg.inline("".join(body), height), caption)


# --- Images -------------------------------------------------------------------------------------


def _image(x: float, y: float, width: float, height: float, colors: Array) -> str:
    """Return an image of colours (3, height, width) from 0 to 255."""
    return (
        f'<image x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" '
        f'href="{escape(png_address(colors))}" preserveAspectRatio="none" '
        f'image-rendering="pixelated"/><rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" '
        f'height="{height:.2f}" fill="none" stroke="currentColor" stroke-opacity="0.25" '
        'stroke-width="0.5"/>'
    )


def _diverging(values: Array) -> Array:
    """Return colours (3, height, width) of numbers from -1 to 1."""
    share = np.abs(values)[..., None]
    strong = np.where(values[..., None] < 0, _rgb(_BLUE), _rgb(_ORANGE))
    return _levels(share * strong + (1 - share) * _WHITE)


def _shaded(share: Array) -> Array:
    """Return colours (3, height, width) of numbers from 0, white, to 1, blue."""
    return _levels(share[..., None] * _rgb(_BLUE) + (1 - share[..., None]) * _WHITE)


def _levels(colors: Array) -> Array:
    """Return colours (…, 3) as whole numbers (3, …)."""
    levels: Array = np.moveaxis(np.rint(colors).astype(np.uint8), -1, 0)
    return levels


def _rgb(color: str) -> Array:
    return np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)])


def trained_pictures(model: Model) -> Iterator[Picture]:
    """Yield the pictures that take no time: they stand in the report of a run."""
    colors = decisions(model)
    found = [boundary([("", colors)], model)] if colors is not None else []
    for picture in (*found, filters(model), attention(model)):
        if picture is not None:
            yield picture
