"""Data for the specs of these tests."""

from data_files import data_folder

__all__ = ["data_folder"]
