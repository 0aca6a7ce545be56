"""How people are reached, drawn from their names alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

from sims.world.people import discord_id
from toolkit.messages.notifications import Channel, SetPreference


@dataclass(frozen=True, slots=True)
class Reached:
    """How somebody wants to be told, beside Discord."""

    channel: Channel
    address: str
    is_fallback: bool = False


def reached(person_id: str) -> Sequence[Reached]:
    """Say how somebody who is not on Discord is reached: half of them are.

    Some mailboxes are gone, some phones are none, and some endpoints were taken down; a few
    people keep a phone for when their mail fails.
    """
    number = crc32(f"letters to {person_id}".encode())
    if discord_id(person_id) is not None or number % 2:
        return ()
    kind, rest = number // 2 % 3, number // 6
    phone = f"+1555{rest % 1_000:03}{'0030' if rest % 11 == 0 else '1111'}"
    if kind == 0:
        mailbox = f"{'bounce-' if rest % 7 == 0 else ''}{person_id}@example.org"
        by_mail = Reached(Channel.EMAIL, mailbox)
        return (by_mail, Reached(Channel.SMS, phone, True)) if rest % 3 == 0 else (by_mail,)
    if kind == 1:
        return (Reached(Channel.SMS, phone),)
    end = "/gone" if rest % 9 == 0 else ""
    return (Reached(Channel.WEBHOOK, f"https://hooks.example/hooks/{person_id}{end}"),)


def wishes(person_id: str, *, everywhere: bool) -> Sequence[SetPreference]:
    """Say what a person asks for: on Discord, or `everywhere` there is another channel."""
    ways: list[Reached] = []
    if address := discord_id(person_id):
        ways.append(Reached(Channel.DISCORD, address))
    if everywhere:
        ways += reached(person_id)
    return [
        SetPreference(
            recipient_id=person_id,
            actor_id=person_id,
            channel=way.channel,
            address=way.address,
            is_fallback=way.is_fallback or None,
        )
        for way in ways
    ]
