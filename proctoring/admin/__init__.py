"""The administrators' pages of this floor."""

from proctoring.admin import articles, cases

__all__ = ["articles", "cases"]
