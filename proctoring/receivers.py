"""Hears what the candidates' floor noticed; what is missed is swept up later."""

from django.dispatch import receiver

from candidates.models import Observation
from candidates.signals import observed
from exams.kernel import clock
from proctoring.domain.incidents import take_up


@receiver(observed, dispatch_uid="proctoring.incidents")
def on_observed(observations: list[Observation], **_named: object) -> None:
    take_up(observations, at=clock.now())
