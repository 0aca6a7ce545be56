"""The bank's statement says the same in every format, and a broken one is refused."""

import pytest

from tests.recon.day import Day
from tests.recon.folder import write
from tests.recon.outcome import run_folder
from tests.recon.test_inputs import entry, manifest_of, refused, rewrite, save

MT940 = """{1:F01BANKBEBBA0000000000}{2:I940CUSTOMERN}{4:
:20:START
:25:12345678/0123456789
:28C:5/1
:60F:C261118USD1000,00
:61:2611191119C100,00NTRFNONREF//BANKREF1
:86:STRIPE PAYOUT EREF+trace-A SVWZ+payout
:61:2611191119D25,50NCHGNONREF
:86:FEE
:62F:C261119USD1074,50
-}
"""
BAI2 = """01,122099999,123456789,261120,0200,1,,,2/
02,031001234,122099999,1,261119,2359,USD,2/
03,0123456789,USD,010,100000,,,015,107450,,/
16,165,10000,0,BANKREF1,trace-A,STRIPE PAYOUT/
88,MORE TEXT/
16,699,2550,0,,,FEE/
49,220000,5/
98,220000,1,7/
99,220000,1,9/
"""
CSV = """statement,kind,amount,currency,direction,status,booked_on,end_to_end_id
1,opening,1000.00,USD,CRDT,,2026-11-18,
1,entry,100.00,USD,CRDT,BOOK,2026-11-19,trace-A
1,entry,25.50,USD,DBIT,BOOK,2026-11-19,
1,closing,1074.50,USD,CRDT,,2026-11-19,
"""
FORMATS = {"mt940": MT940, "bai2": BAI2, "statement_csv": CSV}


@pytest.fixture
def day():
    day = Day()
    day.paid("E0")
    day.payout("A", 100_00, "00:00")
    return day


@pytest.fixture
def inputs(day, tmp_path):
    return write(day, tmp_path / "in")


def deliver(inputs, format, content, rows=2, **said):
    rewrite(inputs, "bank_statement", content, rows)
    manifest = manifest_of(inputs)
    entry(manifest, "bank_statement").update(format=format, **said)
    save(inputs, manifest)


@pytest.mark.parametrize("format", FORMATS)
def test_a_payout_is_found_in_the_statement_of_every_format(day, inputs, tmp_path, format):
    deliver(inputs, format, FORMATS[format])
    result = run_folder(day, inputs, tmp_path / "out")
    assert result.exit_status == 0
    [proof] = [p for p in result.summary["proofs"] if p["kind"] == "bank"]
    figures = ("opening_minor", "activity_minor", "closing_minor", "difference_minor")
    assert [proof[figure] for figure in figures] == [1000_00, 74_50, 1074_50, 0]


@pytest.mark.parametrize(
    "broken",
    [
        ("mt940", "C100,00NTRF", "CxyzNTRF"),
        ("mt940", ":62F:", ":64:"),
        ("mt940", ":20:START", ""),
        ("bai2", "49,220000,5/", "49,220001,5/"),
        ("bai2", "99,220000,1,9/\n", ""),
        ("bai2", "015,107450,,/", "/"),
        ("statement_csv", "closing", "ending"),
        ("statement_csv", "100.00,USD,CRDT", "1oo.00,USD,CRDT"),
    ],
)
def test_a_statement_that_is_broken_is_refused(inputs, tmp_path, day, broken):
    format, good, bad = broken
    assert good in FORMATS[format]
    deliver(inputs, format, FORMATS[format].replace(good, bad))
    said = refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "bank_statement")
    assert "bank_statement" in said


@pytest.mark.parametrize("format", FORMATS)
def test_a_balance_that_the_entries_do_not_reach_breaks_the_proof(
    day, inputs, tmp_path, format
):
    content = FORMATS[format]
    for closing, other in (("1074", "1075"), ("107450", "107550"), ("220000", "220100")):
        content = content.replace(closing, other)
    deliver(inputs, format, content)
    assert run_folder(day, inputs, tmp_path / "out").codes == ["BALANCE_PROOF_BREAK"]


def test_a_reversed_credit_goes_out(day, inputs, tmp_path):
    content = MT940.replace("D25,50NCHG", "RC25,50NCHG")
    deliver(inputs, "mt940", content)
    assert run_folder(day, inputs, tmp_path / "out").exit_status == 0


BOMB = (
    '<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
    "<Document>&c;</Document>"
)
OUTSIDE = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]><Document>&x;</Document>'


@pytest.mark.parametrize("content", [BOMB, OUTSIDE], ids=["laughs", "outside"])
def test_entities_are_never_expanded(day, inputs, tmp_path, content):
    rewrite(inputs, "bank_statement", content, 0)
    said = refused(day, inputs, tmp_path, "SOURCE_CORRUPT", "bank_statement")
    assert "Entit" in said
