"""The administrators' pages of this floor."""

from proctoring.admin import articles

__all__ = ["articles"]
