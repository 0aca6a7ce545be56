"""A stateful Twilio, as far as SMS go: in process, and over HTTP."""

from sims.world.twilio.model import TwilioModel

__all__ = ["TwilioModel"]
