"""The JSON form of a spec: the same program, for other programs to write.

    {
      "model": "net",
      "let": {"width": 100, "act": {"kind": "relu"}},
      "blocks": {"hidden": {"parameters": ["n", {"name": "rate", "default": 0.2}], "layers": […]}},
      "data": {"kind": "digits", "validation": 0.1},
      "network": [{"kind": "hidden", "n": "=width"}, {"kind": "repeat", "times": 2, "layers": […]}],
      "train": {"optimizer": {"kind": "sgd", "lr": "=1 / 10"}},
      "compare": {"seeds": 3, "variants": {"wide": {"width": 200}}},
      "search": {"trials": 9, "ranges": {"width": {"kind": "integer", "low": 1, "high": 9}}},
      "record": [{"kind": "weights"}],
      "expect": [{"name": "parameters", "operator": "<=", "value": 1000}],
      "minimize": {"f": "=x**2", "start": {"x": 1}, "optimizer": {"kind": "sgd"}}
    }

A call is an object: `kind` is its name, its arguments go by name, its body is `layers`. Where the
word alone says it all, `"he"` is read for `{"kind": "he"}`. A string that begins with `=` is a
value of the language: arithmetic, the name of a `let`, or any other value. So a text that itself
begins with `=` is written as a value, in quotes: `"=\\"=text\\""`. In a `let` and in an argument
of a block every other string is a text; where a name is wanted (`padding`, `metric`), a string is
that name.
"""

from nndsl.analysis.json_to_tree import json_to_tree
from nndsl.analysis.tree_to_json import tree_to_json

__all__ = ["json_to_tree", "tree_to_json"]
