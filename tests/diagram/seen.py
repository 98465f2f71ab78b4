"""What a reader of a picture sees: texts inside their boxes, and nothing over anything else."""

from __future__ import annotations

from itertools import combinations

from nndsl.diagram.drawing import Box, Drawing, Text

ABOVE, BELOW = 0.72, 0.2  # of a font's size: how far a text reaches from the line it stands on
Rectangle = tuple[float, float, float, float]


def area(item: Text | Box) -> Rectangle:
    if isinstance(item, Box):
        return item.x, item.y, item.x + item.width, item.y + item.height
    top, bottom = item.y - ABOVE * item.size, item.y + BELOW * item.size
    return item.left, top, item.left + item.width, bottom


def contains(outer: Rectangle, inner: Rectangle) -> bool:
    slack = 0.05
    return (
        inner[0] >= outer[0] - slack
        and inner[1] >= outer[1] - slack
        and inner[2] <= outer[2] + slack
        and inner[3] <= outer[3] + slack
    )


def overlap(one: Rectangle, other: Rectangle) -> bool:
    slack = 0.05
    return (
        one[0] < other[2] - slack
        and other[0] < one[2] - slack
        and one[1] < other[3] - slack
        and other[1] < one[3] - slack
    )


def faults(drawing: Drawing) -> list[str]:
    """Return what a reader would stumble over."""
    whole = 0.0, 0.0, drawing.width, drawing.height
    boxes = [box for box in drawing.boxes if box.kind != "copy"]
    found = [
        f"outside: {item}"
        for item in (*drawing.texts, *drawing.boxes)
        if not contains(whole, area(item))
    ]
    for text in drawing.texts:
        if text.box is not None and not contains(area(text.box), area(text)):
            found.append(f"leaves its box: {text}")
        found += [
            f"over a box: {text} {box}"
            for box in boxes
            if box is not text.box and overlap(area(box), area(text))
        ]
    pairs = [*combinations(drawing.texts, 2), *combinations(boxes, 2)]
    return found + [
        f"overlap: {one} {other}" for one, other in pairs if overlap(area(one), area(other))
    ]
