"""Whose wallet is it? Every screening vendor is asked, and the worst answer counts.

A vendor that does not answer, or not clearly, has cleared nobody: the question stays open
and is asked again, and the money stays where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from toolkit.core.errors import Unavailable
from toolkit.core.message import Message, record
from toolkit.messages.custody import ScreenWallet
from toolkit.messages.payments import RiskLevel, WalletScreened
from toolkit.payments.verdict import CHAINALYSIS, FROM_LOW_TO_SEVERE, TRM, Assessment
from toolkit.runtime.agenda import Attempt
from toolkit.runtime.breaker import Breaker

LISTED = "sanction"  # how both vendors begin the names of their categories of listed owners
LEVELS = {
    "Low": RiskLevel.LOW,
    "Medium": RiskLevel.MEDIUM,
    "High": RiskLevel.HIGH,
    "Severe": RiskLevel.SEVERE,
}

Answer = Any  # JSON, as the vendor gave it


class Screener(Protocol):
    """The API of one screening vendor."""

    async def screen(self, address: str) -> Answer:
        """Ask what the vendor knows of an address now; the answer is in its own words.

        Raises Unavailable when there is none, for whatever reason.
        """
        ...


@record
class Vendor:
    """One who is asked, through a breaker, and how their answers are read."""

    provider: str
    api: Screener
    read: Callable[[Answer, str], Assessment]
    breaker: Breaker

    async def assess(self, address: str) -> Assessment:
        """Raise Unavailable for no answer and for an unclear one: nothing is assumed."""
        answer = await self.breaker.call(lambda: self.api.screen(address))
        return self.read(answer, address)


@record
class Screening:
    """Performs ScreenWallet: asks every vendor, and tells the words of all or none."""

    vendors: Sequence[Vendor]

    async def perform(self, command: Message, attempt: Attempt) -> Sequence[Message]:
        del attempt  # a question changes nothing, so it needs no key
        assert isinstance(command, ScreenWallet), f"nothing a screener can do: {command!r}"
        words = [await vendor.assess(command.address) for vendor in self.vendors]
        return [_told(command, word) for word in words]


def screening(
    apis: Mapping[str, Screener], breaker: Callable[[str], Breaker]
) -> Screening | None:
    """Set up the screening, or answer None where a vendor is missing: both or nothing."""
    if not set(READERS) <= set(apis):
        return None
    return Screening(
        vendors=[
            Vendor(provider=name, api=apis[name], read=read, breaker=breaker(name))
            for name, read in READERS.items()
        ]
    )


def read_trm(answer: Answer, address: str) -> Assessment:
    """Read TRM Labs: the worst label of any indicator or entity; none of them is LOW."""
    match answer:
        case [
            {
                "addressSubmitted": str(submitted),
                "addressRiskIndicators": list(indicators),
                "entities": list(entities),
            }
        ] if submitted.lower() == address.lower():
            labels = [_word(each, "categoryRiskScoreLevelLabel") for each in indicators]
            labels += [_word(each, "riskScoreLevelLabel") for each in entities]
            owned = [i for i in indicators if _word(i, "riskType") == "OWNERSHIP"]
            levels = [_level(TRM, label) for label in labels]
            return Assessment(
                provider=TRM,
                address=address,
                level=max(levels, key=FROM_LOW_TO_SEVERE.index, default=RiskLevel.LOW),
                sanctioned=_is_listed([*owned, *entities]),
            )
    raise _unclear(TRM, "it is not about this address, or lacks what we read")


def read_chainalysis(answer: Answer, address: str) -> Assessment:
    """Read Chainalysis: its own verdict, and who it says the owner is."""
    match answer:
        case {"status": str(status)} if status != "COMPLETE":
            raise _unclear(CHAINALYSIS, f"its work on this address is {status}")
        case {
            "address": str(of),
            "risk": str(risk),
            "cluster": dict() | None as cluster,
            "addressIdentifications": list(identified),
        } if of.lower() == address.lower():
            return Assessment(
                provider=CHAINALYSIS,
                address=address,
                level=_level(CHAINALYSIS, risk),
                sanctioned=_is_listed([*identified, *([cluster] if cluster else [])]),
            )
    raise _unclear(CHAINALYSIS, "it is not about this address, or lacks what we read")


READERS: Mapping[str, Callable[[Answer, str], Assessment]] = {
    TRM: read_trm,
    CHAINALYSIS: read_chainalysis,
}


def _told(question: ScreenWallet, word: Assessment) -> WalletScreened:
    return WalletScreened(
        escrow_id=question.escrow_id,
        payment_id=question.payment_id,
        address=question.address,
        provider=word.provider,
        level=word.level,
        sanctioned=word.sanctioned,
        purpose=question.purpose,
        subject_ref=question.subject_ref,
    )


def _is_listed(owners: Iterable[Answer]) -> bool:
    return any(_word(owner, "category").lower().startswith(LISTED) for owner in owners)


def _level(provider: str, label: str) -> RiskLevel:
    """Translate a vendor's word; an unknown one, `Unknown` among them, clears nobody."""
    if label not in LEVELS:
        raise _unclear(provider, f"its level {label!r} is none that we know")
    return LEVELS[label]


def _word(part: Answer, name: str) -> str:
    """Take a word out of an answer; one that is null says nothing."""
    if isinstance(part, dict) and isinstance(word := part.get(name, part), str | None):
        return word or ""
    raise Unavailable(f"an answer of the screening has no word for {name}")


def _unclear(provider: str, reason: str) -> Unavailable:
    return Unavailable(f"the answer of {provider} clears nobody: {reason}")
