"""What this floor tells the floors above; each has its arguments here."""

from django.dispatch import Signal

# source: Project, copy: Project, by: Actor, at: datetime. In the transaction of the
# copy: what is not copied by its owner then is not in the new project.
project_copied = Signal()
