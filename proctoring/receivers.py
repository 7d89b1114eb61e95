"""Hears what the candidates' floor noticed; what is missed is swept up later."""

from datetime import datetime

from django.dispatch import receiver

from candidates.models import Observation
from candidates.signals import observed
from exams.domain.audit import Actor
from exams.kernel import clock
from exams.models import Project
from exams.signals import project_copied
from proctoring.domain.articles import copy_catalogue
from proctoring.domain.incidents import take_up


@receiver(observed, dispatch_uid="proctoring.incidents")
def on_observed(observations: list[Observation], **_named: object) -> None:
    take_up(observations, at=clock.now())


@receiver(project_copied, dispatch_uid="proctoring.articles")
def on_project_copied(
    source: Project, copy: Project, by: Actor, at: datetime, **_named: object
) -> None:
    copy_catalogue(source, copy, by=by, at=at)
