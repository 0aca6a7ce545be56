"""No wallet is cleared but by a plain answer of every vendor, and the worst one counts."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sims.world.screening.risks import Level, Risk
from sims.world.screening.wire import chainalysis_entity, trm_report
from tests.contracts.worlds import StandingClock
from toolkit.core.errors import Unavailable
from toolkit.messages.custody import ScreenWallet
from toolkit.messages.payments import RiskLevel, ScreeningPurpose, WalletScreened
from toolkit.payments.screening import READERS, read_chainalysis, read_trm, screening
from toolkit.payments.service import Rails
from toolkit.payments.verdict import CHAINALYSIS, TRM, VENDORS, Assessment, combined
from toolkit.runtime.agenda import Attempt
from toolkit.runtime.breaker import Breaker

WALLET = "0x52908400098527886E0F7030069857D2E4161234"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
QUESTION = ScreenWallet(
    escrow_id="E1",
    payment_id="P1",
    address=WALLET,
    purpose=ScreeningPurpose.DEPOSIT,
    subject_ref="D1",
)
ATTEMPT = Attempt(key=UUID(int=1), since=NOW, now=NOW, number=0)
ORDER = list(RiskLevel)
FIELDS = [
    "address",
    "risk",
    "cluster",
    "addressIdentifications",
    "status",
    "category",
    "addressSubmitted",
    "addressRiskIndicators",
    "entities",
    "riskType",
    "riskScoreLevelLabel",
    "categoryRiskScoreLevelLabel",
]

levels = st.sampled_from(RiskLevel)
words = st.builds(
    Assessment,
    provider=st.sampled_from([TRM, CHAINALYSIS, "A THIRD"]),
    address=st.just(WALLET),
    level=levels,
    sanctioned=st.booleans(),
)
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(WALLET),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(FIELDS),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)
risks = st.builds(
    Risk,
    st.sampled_from([Level.LOW, Level.MEDIUM, Level.HIGH, Level.SEVERE]),
    st.booleans(),
    st.just("sanctions"),
)


def trm(risk):
    return [trm_report({"address": WALLET, "chain": "base"}, risk)]


def entity(risk):
    return chainalysis_entity(WALLET, risk, is_complete=True)


@given(st.lists(words))
def test_there_is_a_verdict_once_every_vendor_has_spoken_and_not_before(heard):
    assert (combined(heard) is not None) == (
        {TRM, CHAINALYSIS} <= {w.provider for w in heard}
    )


@given(st.lists(words), words)
def test_another_word_never_makes_a_verdict_milder(heard, word):
    before, after = combined(heard), combined([*heard, word])
    if before:
        assert after
        assert ORDER.index(after.level) >= ORDER.index(before.level)
        assert after.sanctioned >= before.sanctioned


@given(st.lists(words), st.randoms())
def test_the_order_of_answers_changes_nothing(heard, random):
    shuffled = random.sample(heard, len(heard))
    assert combined(shuffled) == combined(heard)


@given(levels, levels, st.booleans(), st.booleans())
def test_the_verdict_is_the_worst_of_both(of_trm, of_chainalysis, listed, also_listed):
    one = Assessment(provider=TRM, address=WALLET, level=of_trm, sanctioned=listed)
    two = replace(one, provider=CHAINALYSIS, level=of_chainalysis, sanctioned=also_listed)
    verdict = combined([one, two])
    assert verdict
    assert verdict.level in (of_trm, of_chainalysis)
    assert ORDER.index(verdict.level) == max(map(ORDER.index, (of_trm, of_chainalysis)))
    assert verdict.sanctioned is (listed or also_listed)


@given(risks)
def test_what_the_vendors_write_is_read_as_they_mean_it(risk):
    for provider, answer in ((TRM, trm(risk)), (CHAINALYSIS, entity(risk))):
        word = READERS[provider](answer, WALLET.lower())
        assert word.level.value == risk.level.value.upper()
        assert word.sanctioned is risk.is_sanctioned


@pytest.mark.parametrize("read", READERS.values())
@given(answer=json)
def test_any_other_json_is_unclear_and_never_an_accident(read, answer):
    """Whatever a vendor sends, it is a verdict on this wallet or raises Unavailable."""
    try:
        word = read(answer, WALLET)
    except Unavailable:
        return
    assert word.address == WALLET
    assert WALLET.lower() in str(answer).lower()


@given(st.text().filter(lambda word: word not in {"Low", "Medium", "High", "Severe"}))
def test_a_level_that_we_do_not_know_clears_nobody(label):
    unknown = Risk(Level.HIGH, category="mixing")
    report = trm(unknown)
    report[0]["addressRiskIndicators"][0]["categoryRiskScoreLevelLabel"] = label
    with pytest.raises(Unavailable):
        read_trm(report, WALLET)
    with pytest.raises(Unavailable):
        read_chainalysis({**entity(unknown), "risk": label}, WALLET)


@pytest.mark.parametrize(("read", "answer"), [(read_trm, trm), (read_chainalysis, entity)])
def test_an_answer_about_another_wallet_clears_nobody(read, answer):
    with pytest.raises(Unavailable, match="not about this address"):
        read(answer(Risk()), WALLET[:-1] + "5")


def test_a_listed_counterparty_is_a_risk_and_no_listed_owner():
    report = trm(Risk(Level.SEVERE, is_sanctioned=True, category="sanctions"))
    report[0]["entities"] = []
    report[0]["addressRiskIndicators"][0]["riskType"] = "COUNTERPARTY"
    word = read_trm(report, WALLET)
    assert (word.level, word.sanctioned) == (RiskLevel.SEVERE, False)


def test_a_listed_owner_is_seen_in_any_place_that_names_one():
    listed = entity(Risk(Level.SEVERE, is_sanctioned=True, category="sanctioned entity"))
    assert read_chainalysis({**listed, "cluster": None}, WALLET).sanctioned
    assert read_chainalysis({**listed, "addressIdentifications": []}, WALLET).sanctioned


class Scripted:
    """A vendor's API that gives these answers in turn."""

    def __init__(self, *answers):
        self.answers = list(answers)

    async def screen(self, _address):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def rails(of_trm, of_chainalysis):
    apis = {TRM: Scripted(*of_trm), CHAINALYSIS: Scripted(*of_chainalysis)}
    return Rails(
        rails={}, screening=screening(apis, lambda name: Breaker(name, StandingClock()))
    )


async def test_each_vendor_has_its_word_under_the_question_that_was_asked():
    high = Risk(Level.HIGH, category="mixing")
    said = await rails([trm(Risk())], [entity(high)]).perform(QUESTION, ATTEMPT)
    told = WalletScreened(
        escrow_id="E1",
        payment_id="P1",
        address=WALLET,
        provider=TRM,
        level=RiskLevel.LOW,
        sanctioned=False,
        purpose=ScreeningPurpose.DEPOSIT,
        subject_ref="D1",
    )
    assert said == [told, replace(told, provider=CHAINALYSIS, level=RiskLevel.HIGH)]


@pytest.mark.parametrize("down", [TRM, CHAINALYSIS])
async def test_while_one_vendor_is_silent_nothing_is_told_at_all(down):
    answers = {TRM: [trm(Risk())] * 2, CHAINALYSIS: [entity(Risk())] * 2}
    answers[down] = [Unavailable("503"), *answers[down]]
    wallets = rails(answers[TRM], answers[CHAINALYSIS])
    with pytest.raises(Unavailable, match="503"):
        await wallets.perform(QUESTION, ATTEMPT)
    assert len(await wallets.perform(QUESTION, ATTEMPT)) == 2


async def test_one_vendor_alone_is_no_screening():
    half = screening({TRM: Scripted()}, lambda name: Breaker(name, StandingClock()))
    assert half is None
    with pytest.raises(Unavailable):
        await Rails(rails={}, screening=half).perform(QUESTION, ATTEMPT)


async def test_a_silent_vendor_is_left_alone_and_an_unclear_one_is_not():
    breakers = {}

    def breaker(name):
        return breakers.setdefault(name, Breaker(name, StandingClock(), failures_max=2))

    silent, unclear = Scripted(*[Unavailable("503")] * 9), Scripted(*[{}] * 9)
    vendors = screening({TRM: unclear, CHAINALYSIS: silent}, breaker).vendors
    for vendor in vendors:
        for _ in range(4):
            with pytest.raises(Unavailable):
                await vendor.assess(WALLET)
    assert (breakers[TRM].trips, breakers[CHAINALYSIS].trips) == (0, 1)
    assert len(silent.answers) == 7


def test_every_vendor_whose_word_counts_is_asked():
    assert tuple(READERS) == VENDORS
