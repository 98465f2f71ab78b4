"""The JSON Schema of the JSON form, made of the words of the vocabulary.

It says what an editor can know from one page: the words, their arguments, types and ranges. A
value may always be a formula, which the compiler alone understands; and where the spec may define
words, a name that is no word's is taken for one of those, or for a block.
"""

import inspect
import types
import typing
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, Union

import annotated_types
from pydantic.fields import FieldInfo

from nndsl.analysis.expect import OPERATORS, STATIC
from nndsl.analysis.metrics import PARTS, metric_names
from nndsl.analysis.toplevel import OWN_KINDS
from nndsl.syntax.lexeme import NAME
from nndsl.vocabulary import registry
from nndsl.vocabulary.builtin import AsWritten, BareName, Builtin
from nndsl.vocabulary.dataset import Data
from nndsl.vocabulary.instrument import Instrument
from nndsl.vocabulary.layer import Layer, Structure
from nndsl.vocabulary.range import Range
from nndsl.vocabulary.section import Section

Schema = dict[str, Any]

_BOUNDS = {
    annotated_types.Ge: ("minimum", "ge"),
    annotated_types.Gt: ("exclusiveMinimum", "gt"),
    annotated_types.Le: ("maximum", "le"),
    annotated_types.Lt: ("exclusiveMaximum", "lt"),
    annotated_types.MinLen: ("minItems", "min_length"),
    annotated_types.MaxLen: ("maxItems", "max_length"),
}
_PLAIN: dict[Any, Schema] = {
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    str: {"type": "string"},
}
_NAME: Schema = {"type": "string", "pattern": f"^{NAME.replace(chr(92) + 'Z', '$')}$"}


def json_schema() -> Schema:
    """Return the schema (draft 2020-12) of the JSON form. Every word is imported."""
    kinds = [kind for kind in registry.kinds() if kind != Section.kind]
    definitions: Schema = dict(_VALUES)
    for kind in kinds:
        words = _words(kind)
        definitions[kind] = _union(kind, words)
        definitions |= {f"{kind}.{word.keyword()}": _call(word) for word in words}
    known = {word.keyword() for kind in kinds for word in _words(kind)}
    definitions["word"] = {"description": "A word of the language.", "enum": sorted(known)}
    definitions["value"] = {
        "description": "A value of any kind.",
        "anyOf": [
            {"type": ["number", "boolean", "string"]},
            {"type": "array", "items": _ref("value")},
            *(_ref(f"{kind}.{word.keyword()}") for kind in kinds for word in _words(kind)),
            {
                "description": "A name that one of the fields knows.",
                **_object({"kind": {**_NAME, "not": _ref("word")}}, ["kind"]),
            },
        ],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "nndsl spec",
        "description": "A neural network: its data, its layers and its training.",
        **_object({"$schema": {"type": "string"}} | _spec()),
        **_without_formula(),
        "$defs": definitions,
    }


_VALUES: Schema = {
    "formula": {
        "description": "A value of the language: arithmetic, or the name of a `let`.",
        "type": "string",
        "pattern": "^=",
    },
    "name": {"description": "A name of the language.", **_NAME},
    "body": {
        "description": "Layers, one after another.",
        "type": "array",
        "items": {"$ref": f"#/$defs/{Layer.kind}"},
    },
}


def _spec() -> Schema:
    train, minimize = _fields(_section("train")), _fields(_section("minimize"))
    for name in ("loss", "metrics"):  # of several outputs each by its name
        train[name] = {"anyOf": [train[name], _map(train[name])]}
    train["target"] = {"description": "What outputs learn, by name.", **_map(_ref("value"))}
    data = _ref(Data.kind)
    optional = {"name": _ref("name"), "default": _ref("value")}
    parameter = {"anyOf": [_ref("name"), _object(optional, optional)]}
    given = {"parameters": {"type": "array", "items": parameter}}
    block = given | {"layers": _ref("body")}
    comparison = {
        "name": _ref("name"),
        "operator": {"enum": list(OPERATORS)},
        "value": _ref("value"),
    }
    expected = {"type": "array", "items": _object(comparison, comparison)}
    variant = _object(minimize | train | {"data": data, "expect": expected}) | {
        "propertyNames": _ref("name"),
        "additionalProperties": _ref("value"),
    }
    number = {"anyOf": [{"type": "number"}, _ref("formula")]}
    blocks = dict.fromkeys(("backward", "decay", "evaluate"), _map(number))
    formulas = _map(number) | {"properties": blocks}
    own = {
        "description": "Words of the page: parameters, and formulas by the name they give.",
        **_map(_object(given | {"formulas": formulas}, ["formulas"])),
    }
    return {
        "model": {"description": "The name of the model.", **_NAME},
        "import": {
            "description": "Files whose words the spec uses.",
            "type": ["array", "string"],
            "items": {"type": "string"},
        },
        "let": {"description": "Names for values.", **_map(_ref("value"))},
        "blocks": {
            "description": "Layers under a name, to be used several times.",
            **_map(_object(block, ["layers"])),
        },
        **dict.fromkeys(OWN_KINDS.values(), own),
        "data": {"description": "Where the examples come from.", **data},
        "network": {"description": "The layers, one after another.", **_ref("body")},
        "train": _described(_section("train"), train),
        "compare": _described(
            _section("compare"),
            _fields(_section("compare")) | {"variants": _map(variant)},
            ["variants"],
        ),
        "search": _described(
            _section("search"),
            _fields(_section("search")) | {"ranges": _map(_ref(Range.kind))},
            ["ranges"],
        ),
        "record": {
            "description": _documentation(_section("record")),
            "type": "array",
            "items": _ref(Instrument.kind),
        },
        "expect": {
            "description": _documentation(_section("expect")),
            **expected,
        },
        "minimize": _described(
            _section("minimize"),
            minimize | {"start": {"description": "Where the variables begin.", **_map(number)}},
            ["start"],
        )
        | {"propertyNames": _ref("name"), "additionalProperties": number},
    }


def _without_formula() -> Schema:
    """Return what holds unless there is a formula, whose variables have names of their own."""
    own = {"pattern": f"^({'|'.join(PARTS)})_", "description": "Of a metric of the spec."}
    named: Schema = {"properties": {"name": {"anyOf": [{"enum": [*STATIC, *metric_names()]}, own]}}}
    expect: Schema = {"properties": {"expect": {"items": named}}}
    variants: Schema = {"properties": {"variants": {"additionalProperties": expect}}}
    return {
        "if": {"not": {"required": ["minimize"]}},
        "then": {"properties": expect["properties"] | {"compare": variants}},
    }


# --- Words ----------------------------------------------------------------------------


def _words(kind: str) -> list[type[Builtin]]:
    found = (registry.find(kind, name) for name in registry.names(kind))
    return [word for word in found if word is not None]


def _section(name: str) -> type[Section]:
    return registry.get(Section, name)


def _union(kind: str, words: list[type[Builtin]]) -> Schema:
    """Return what may stand where a kind is wanted: a call, a word alone, or a formula."""
    bare = [word.keyword() for word in words if not _required(word)]
    choices: list[Schema] = (
        [{"oneOf": [_ref(f"{kind}.{word.keyword()}") for word in words]}] if words else []
    )
    if kind in OWN_KINDS.values():
        known = _ref("word")
        block = {
            "description": "A block or a word of the spec, with its arguments.",
            "type": "object",
            "properties": {"kind": {**_NAME, "not": known}},
            "required": ["kind"],
            "additionalProperties": _ref("value"),
        }
        choices += [block, {**_NAME, "anyOf": [{"enum": bare}, {"not": known}]}]
        if kind == Layer.kind:
            several = {"type": "array", "items": _NAME, "minItems": 2}
            named = {"anyOf": [_NAME, several]}
            line = {"name": named, "declare": _NAME, "value": _ref(kind)}
            choices.append({"description": "A value with a name.", **_object(line, ["name"])})
            layers = {"type": "array", "items": _ref(kind), "minItems": 1}
            takes = {"kind": _ref("formula"), "layers": layers}
            says = "A structure that takes a value by its name."
            choices.append({"description": says, **_object(takes, ["kind", "layers"])})
    elif bare:
        choices.append({"enum": bare})
    return {"anyOf": [*choices, _ref("formula")]}


def _call(word: type[Builtin]) -> Schema:
    """Return the object of a word: its `kind`, its arguments, and its `layers` if it holds some."""
    properties: Schema = {"kind": {"const": word.keyword()}} | _fields(word)
    if issubclass(word, Structure):
        held = _ref(f"{Layer.kind}.{word.holds}") if word.holds else _ref(Layer.kind)
        properties["layers"] = {"type": "array", "items": held, "minItems": 1}
    return {
        "description": _documentation(word),
        **_object(properties, ["kind", *_required(word)]),
    }


def _required(word: type[Builtin]) -> list[str]:
    required = [name for name, field in word.model_fields.items() if field.is_required()]
    return [*required, "layers"] if issubclass(word, Structure) else required


def _documentation(word: type[Builtin]) -> str:
    return inspect.cleandoc(word.__doc__ or "")


def _described(section: type[Builtin], properties: Schema, more: Sequence[str] = ()) -> Schema:
    required = [*_required(section), *more]
    return {"description": _documentation(section), **_object(properties, required)}


# --- Fields ---------------------------------------------------------------------------


def _fields(word: type[Builtin]) -> Schema:
    return {name: _field(field) for name, field in word.model_fields.items()}


def _field(field: FieldInfo) -> Schema:
    kinds = [*_kinds(field.annotation, field.metadata), _ref("formula")]
    schema: Schema = {"description": field.description or "", "anyOf": kinds}
    if isinstance(field.default, int | float | str):
        schema["default"] = field.default
    return schema


def _kinds(annotation: Any, metadata: Iterable[Any]) -> list[Schema]:
    """Return a schema for each alternative of an annotation, narrowed by what stands beside it."""
    marks = [
        mark
        for entry in metadata
        for mark in (entry.metadata if isinstance(entry, FieldInfo) else [entry])
    ]
    if any(isinstance(mark, BareName) for mark in marks):
        return [_ref("name")]
    if any(isinstance(mark, AsWritten) for mark in marks):
        return [_ref("value")]
    origin, inside = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return _kinds(inside[0], [*inside[1:], *marks])
    if origin in (Union, types.UnionType):
        return [kind for part in inside if part is not type(None) for kind in _kinds(part, marks)]
    if origin is Literal:
        return [{"enum": list(inside)}]
    bounds = {
        name: getattr(mark, attribute)
        for mark in marks
        for kind, (name, attribute) in _BOUNDS.items()
        if isinstance(mark, kind)
    }
    if origin is tuple:
        parts = [kind for part in inside if part is not Ellipsis for kind in _kinds(part, ())]
        unique = [part for index, part in enumerate(parts) if part not in parts[:index]]
        item: Schema = {"anyOf": [*unique, _ref("formula")]}
        alone = [part for part in unique if part != _ref("value")]  # a value may be an array itself
        return [{"type": "array", "items": item, **bounds}, *alone]
    if issubclass(annotation, Builtin):
        return [_ref(annotation.kind)]
    return [{**_PLAIN[annotation], **bounds}]


# --- Forms ----------------------------------------------------------------------------


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _object(properties: Schema, required: Iterable[str] = ()) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _map(value: Schema) -> Schema:
    """Return an object of any names."""
    return {"type": "object", "propertyNames": _ref("name"), "additionalProperties": value}
