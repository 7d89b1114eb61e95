"""What upper floors may hear of. Sent after commit; whoever misses one looks itself."""

from django.dispatch import Signal

# `observations`: the list of `Observation` rows that were written.
observed = Signal()
