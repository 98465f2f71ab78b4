"""The weights of another training, that layers begin with."""

from collections.abc import Iterator
from zipfile import BadZipFile, ZipFile

from nndsl.analysis.weights_files import CODE, copy_name, weights_file
from nndsl.data import DataError
from nndsl.data.npz_format import read_header
from nndsl.diagnostics import Diagnostics
from nndsl.ir import Operation, Statement, block, parse_text, quoted
from nndsl.ir.printer import expression
from nndsl.program.context import Context
from nndsl.program.layers import Layers
from nndsl.program.program import Array, Beginning, File, Function, Program
from nndsl.shapes import show_shape

BEGINNING = "load_weights"  # the function of the script
MAX_MISFITS = 3
HELP = "names and shapes are those that `nndsl summary` shows, of both pages"


def find_beginnings(context: Context, layers: Layers) -> tuple[Beginning, ...]:
    """Return the files of weights that the arrays of a network begin with."""
    found = []
    for path in layers.graph.weights_files:
        place = context.spec.source.folder / path
        made = File(context.names.fresh("WEIGHTS_FILE"), weights_file(place))
        parameters, states = (_of(arrays, path) for arrays in (layers.parameters, layers.states))
        found.append(Beginning(copy_name(place), made, parameters, states))
    return tuple(found)


def _of(arrays: tuple[Array, ...], path: str) -> tuple[str, ...]:
    return tuple(array.name for array in arrays if array.weights_from == path)


def write_beginning(beginnings: tuple[Beginning, ...]) -> Function:
    """Write the function that puts the weights of files in the place of initial ones."""
    made: list[Statement] = []
    for one in beginnings:
        inside = [
            block(
                f"for name in {expression(Operation('tuple', tuple(map(quoted, names))))}:",
                parse_text(f"{arrays}[name][...] = file[name]"),
            )
            for arrays, names in (("params", one.parameters), ("state", one.states))
            if names
        ]
        made.append(block(f"with np.load({one.file.constant}) as file:", inside))
    says = "Put the weights of an earlier training in the place of the initial ones."
    return Function(BEGINNING, (), says, tuple(made))


def check_beginnings(program: Program, diagnostics: Diagnostics) -> None:
    """Report arrays that a file of weights does not have, or has in another shape."""
    origins = program.graph.weights_files.items()
    for (path, origin), one in zip(origins, program.beginnings, strict=True):
        arrays = [a for a in (*program.parameters, *program.states) if a.weights_from == path]
        for wrong in list(_misfits(one, arrays))[:MAX_MISFITS]:
            diagnostics.report(CODE, f"{wrong} of `{path}`", origin, help=HELP)


def _misfits(one: Beginning, arrays: list[Array]) -> Iterator[str]:
    try:
        with ZipFile(one.file.path) as archive:
            for array in arrays:
                try:
                    shape = read_header(archive, array.name, "").shape
                except DataError as error:
                    yield f"{error.message}, in the weights"
                    continue
                if shape != tuple(map(int, array.shape)):
                    here, there = show_shape(array.shape), show_shape(shape)
                    yield f"{array.name} is {here} here, and {there} in the weights"
    except (OSError, BadZipFile):
        yield f"{one.file.path.name} is no .npz file, or damaged, among the weights"
