"""The one tail of this process; consumers of every floor listen through it."""

from exams.kernel.realtime import Tail
from exams.queries import events

TAIL = Tail(newest=events.newest_id, news=events.news_since, read=events.events_after)
