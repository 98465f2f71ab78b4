"""Formulas of one value: as algebra, their derivatives, and how both are written."""
