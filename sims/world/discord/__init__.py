"""A stateful Discord, as far as direct messages go: in process, and over HTTP."""

from sims.world.discord.model import DiscordModel, NoAnswer

__all__ = ["DiscordModel", "NoAnswer"]
