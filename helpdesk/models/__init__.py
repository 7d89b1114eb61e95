"""The rows of the helpdesk's floor."""

from helpdesk.models.announcement import Announcement, Delivery
from helpdesk.models.request import Message, ReadMark, Request

__all__ = ["Announcement", "Delivery", "Message", "ReadMark", "Request"]
