"""Searches: many trials of a spec with other values, to find the best of them."""
