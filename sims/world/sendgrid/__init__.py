"""A stateful SendGrid: sending, the feed and the events, in process and over HTTP."""

from sims.world.sendgrid.model import SendGridModel

__all__ = ["SendGridModel"]
