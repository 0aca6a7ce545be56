"""A receiver of Standard Webhooks, as a customer would write one."""

from sims.world.receiver.model import ReceiverModel

__all__ = ["ReceiverModel"]
