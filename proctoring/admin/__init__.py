"""The administrators' pages of this floor."""

from proctoring.admin import articles, cases, incidents

__all__ = ["articles", "cases", "incidents"]
