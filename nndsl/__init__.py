"""nndsl: neural networks on one page, compiled to readable numpy."""

__version__ = "0.1.0"
