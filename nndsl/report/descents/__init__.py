"""Figures and pages about descents on formulas."""
