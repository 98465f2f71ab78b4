"""`nndsl picture`: what a trained network looks like, as SVG."""

from argparse import Namespace
from pathlib import Path

from nndsl.cli.arguments import Parser
from nndsl.cli.errors import CommandError
from nndsl.cli.output import check_output_path, checked_spec, print_text, require_svg, say, write
from nndsl.cli.progress import fetch_data
from nndsl.cli.rendering import plural
from nndsl.cli.trained import add_weights_arguments, spec_and_weights_of, warn_of_doubts
from nndsl.emit.build import build_script
from nndsl.files import is_stream
from nndsl.languages import said, sentence
from nndsl.live.judgement import judge
from nndsl.live.model import Model
from nndsl.live.prediction import load_with_data
from nndsl.report import judged, svg
from nndsl.report.model_pictures import attention, boundary, decisions, filters, surface
from nndsl.report.page import Picture

DESCRIPTION = """\
Draw a trained network: WHAT is one of those below. Without weights the spec is
trained first; `boundary` then shows several moments of it."""
EXAMPLE = """\
  nndsl picture boundary spiral.nn -o boundary.svg
  nndsl picture mistakes runs/digits-1 -o mistakes.svg"""
KINDS = {
    "filters": "the weights of the first layer, as images",
    "boundary": "which class it says where, of two inputs",
    "confusion": "how often each class was taken for each other",
    "mistakes": "images that were taken for another class",
    "attention": "how much each position takes of each",
    "surface": "the loss along two directions around the weights",
}
_MOMENTS = 5  # of a training, besides its begin


def add_arguments(parser: Parser) -> None:
    parser.add_argument("what", choices=list(KINDS), metavar="WHAT", help=", ".join(KINDS))
    add_weights_arguments(parser)
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="- is stdout")


def run(arguments: Namespace) -> int:
    output, what = Path(arguments.output), arguments.what
    require_svg(output)
    trains = arguments.weights is None and not Path(arguments.spec).is_dir()
    if trains:
        source, checked = checked_spec(arguments, brief=True)
        model = Model(checked, build_script(checked))
    else:
        source, file = spec_and_weights_of(arguments)
        trained = load_with_data(source, dict(arguments.set), file)
        model = trained.model
    streams = arguments.output == "-" or is_stream(output)
    if not streams:
        check_output_path(output, source, model.spec)
    if model.spec.data is None:
        raise CommandError("there is nothing to look at: the spec has no `data`", code=1)
    fetch_data(model.spec)
    if trains:
        picture = _while_it_learns(model, what)
    else:
        model.data()
        warn_of_doubts(trained)
        picture = _picture(model, what)
    if picture is None:
        raise CommandError(f"this network has no such picture: {KINDS[what]}", code=1)
    text = svg.file_of(f"{model.spec.name}: {picture.title}", picture.caption, picture.svg)
    if arguments.output == "-":
        print_text(text)
        return 0
    write(output, text)
    say(f"wrote {output}: {said(picture.caption)}")
    return 0


def _picture(model: Model, what: str) -> Picture | None:
    if what == "boundary":
        colors = decisions(model)
        return boundary([("", colors)], model) if colors is not None else None
    if what in ("confusion", "mistakes"):
        found = next((one for one in judge(model) if one.is_classification), None)
        if found is None:
            return None
        return (
            judged.confusion_matrix(found)
            if what == "confusion"
            else judged.confused_images(model, found)
        )
    return {"filters": filters, "attention": attention, "surface": surface}[what](model)


def _while_it_learns(model: Model, what: str) -> Picture | None:
    """Train, and draw the network; where it decides at several moments."""
    parts = model.data()
    model.begin()
    colors = decisions(model) if what == "boundary" else None
    moments = [("before training", colors)] if colors is not None else []
    last = model.spec.train.epochs or 20 if model.spec.train is not None else 0
    wanted = {round(last ** (k / (_MOMENTS - 1))) for k in range(_MOMENTS)}
    for epoch, _ in model.epochs(parts):
        last = epoch
        if epoch in wanted and (colors := decisions(model) if moments else None) is not None:
            moments.append((sentence("epoch {epoch}", epoch=epoch), colors))
    say(f"trained it: {plural(last, 'epoch')}")
    return boundary(moments, model) if moments else _picture(model, what)
