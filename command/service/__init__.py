"""The one place where commands meet the log: lock, catch up, decide, append, acknowledge, apply."""

from command.service.api import Applied, Author, Private, ServiceApi

__all__ = ["Applied", "Author", "Private", "ServiceApi"]
