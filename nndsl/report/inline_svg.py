"""From an SVG file of matplotlib to an element of an HTML page.

The page may hold no style attributes (its Content-Security-Policy refuses them), its figures
follow the colour of its text, and the ids of all its figures are different.
"""

import hashlib
import re
from xml.etree import ElementTree

LEFT_OUT = "left-out"  # the id of elements that are not wanted in the page
SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_KEPT = (  # no script, no link, no style sheet, no metadata
    "svg g defs path use clipPath rect circle line polyline polygon text tspan image"
    " linearGradient stop"
).split()
_DROPPED = {"font-family", "image-rendering", "mix-blend-mode"}  # the page has its own font
_PAINTS = ("fill", "stroke")
_GREY = re.compile(r"#(..)\1\1")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def inline_svg(text: str, name: str, top: float = 0.0) -> str:
    """Return the `<svg>` element of a file for a page, without the first `top` points.

    A grey, black included, becomes that much of `currentColor`; white stays white. Ids begin with
    the name and a hash of the text.
    """
    root = ElementTree.fromstring(text)
    _drop_foreign(root)
    left, above, width, height = map(float, root.attrib["viewBox"].split())
    root.set("viewBox", f"{left:g} {above + top:g} {width:g} {height - top:g}")
    prefix = f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:6]}-"
    used = set(_REFERENCE.findall(text)) | {
        link.removeprefix("#") for element in root.iter() if (link := element.get(_LINK))
    }
    for element in root.iter():
        _restyle(element)
        if (own := element.attrib.pop("id", None)) in used:
            element.set("id", f"{prefix}{own}")
        for attribute, value in list(element.items()):
            element.set(attribute, _REFERENCE.sub(rf"url(#{prefix}\1)", value))
        if (link := element.attrib.pop(_LINK, None)) is not None:
            element.set("href", f"#{prefix}{link[1:]}" if link.startswith("#") else link)
        element.tail = None  # line ends between elements
        if element.text is not None and not element.text.strip():
            element.text = None
        element.tag = element.tag.removeprefix(SVG)
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.set("stroke-linejoin", "round")  # from the style sheet, which is left out
    root.set("fill", "currentColor")
    return ElementTree.tostring(root, encoding="unicode")


def _drop_foreign(element: ElementTree.Element) -> None:
    for child in list(element):
        if child.tag.removeprefix(SVG) in _KEPT and child.get("id") != LEFT_OUT:
            _drop_foreign(child)
        else:
            element.remove(child)


def _restyle(element: ElementTree.Element) -> None:
    """Replace the style attribute by attributes, and greys by shades of the text colour."""
    for declaration in element.attrib.pop("style", "").split(";"):
        attribute, sign, value = (part.strip() for part in declaration.partition(":"))
        if attribute == "font":  # "bold 10px 'DejaVu Sans'": matplotlib before 3.9
            size = re.search(r"([\d.]+px)", value)
            weight = re.match(r"(?:italic |oblique )?(bold|\d{3})\b", value)
            element.attrib |= {"font-size": size[1]} if size else {}
            element.attrib |= {"font-weight": weight[1]} if weight else {}
        elif sign and attribute not in _DROPPED:
            element.set(attribute, value)
    for paint in _PAINTS:
        grey = _GREY.fullmatch(element.get(paint, ""))
        if grey is None or grey[1] == "ff":
            continue
        element.set(paint, "currentColor")
        shade = 1 - int(grey[1], 16) / 255
        opacity = shade * float(element.get(f"{paint}-opacity", "1"))
        if opacity < 1:
            element.set(f"{paint}-opacity", f"{opacity:.3g}")
