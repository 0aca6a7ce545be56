"""What a run leaves behind: for machines JSON, CSV and JUnit, for people a page."""

from __future__ import annotations

import csv
import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from loadtests.judge import PERCENTILES, Verdict
from loadtests.samples import OK, percentile

STYLE = """
body { font: 15px sans-serif; max-width: 60em; margin: 2em auto }
td, th { padding: .2em .8em; text-align: right; border-bottom: 1px solid #ddd }
td:first-child, th:first-child { text-align: left }
.BROKEN, .FAILED { color: #b00020 } .kept, .PASSED { color: #00662b }
"""


def everything(
    folder: Path,
    summary: Mapping[str, Any],
    verdict: Verdict,
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Write all files of a run."""
    names = table(rows)
    document = {
        **summary,
        "promises": [asdict(promise) for promise in verdict.promises],
        "findings": list(verdict.findings),
        "latencies": names,
    }
    (folder / "summary.json").write_text(json.dumps(document, indent=1) + "\n")
    with (folder / "latencies.csv").open("w", newline="") as sink:
        writer = csv.DictWriter(sink, list(names[0]) if names else ["kind", "name"])
        writer.writeheader()
        writer.writerows(names)
    _junit(folder / "junit.xml", verdict)
    (folder / "report.html").write_text(_page(document, verdict), encoding="utf-8")


def table(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Answer a row a kind and name: how many, how many failed, and percentiles."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["kind"], row["name"]), []).append(row)
    return [
        {
            "kind": kind,
            "name": name,
            "count": len(ofs),
            "failed": sum(row["outcome"] != OK for row in ofs),
            **{
                figure: round(
                    percentile([row["latency_ms"] for row in ofs], share) or 0.0, 1
                )
                for figure, share in PERCENTILES.items()
            },
            "max_ms": round(max(row["latency_ms"] for row in ofs), 1),
        }
        for (kind, name), ofs in sorted(groups.items())
    ]


def _junit(path: Path, verdict: Verdict) -> None:
    broken = [promise for promise in verdict.promises if not promise.kept]
    count = len(verdict.promises) + 1
    failures = len(broken) + bool(verdict.findings)
    suite = ET.Element("testsuite", name="loadtests")
    suite.set("tests", str(count))
    suite.set("failures", str(failures))
    for promise in verdict.promises:
        case = ET.SubElement(suite, "testcase", name=promise.name, classname="loadtests")
        if not promise.kept:
            ET.SubElement(case, "failure", message=str(promise))
    case = ET.SubElement(suite, "testcase", name="every cent", classname="loadtests")
    if verdict.findings:
        ET.SubElement(case, "failure", message=verdict.findings[0]).text = "\n".join(
            verdict.findings
        )
    ET.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def _page(document: Mapping[str, Any], verdict: Verdict) -> str:
    say = html.escape
    promises = "".join(
        f"<li class={'kept' if p.kept else 'BROKEN'}>{say(str(p))}</li>"
        for p in verdict.promises
    )
    found = "".join(f"<li class=BROKEN>{say(line)}</li>" for line in verdict.findings)
    money = "was not looked into" if not document["money_checked"] else "is all there"
    books = document.get("reconciliation", "not asked for")
    heads, lines = "", ""
    if document["latencies"]:
        heads = "".join(f"<th>{say(name)}</th>" for name in document["latencies"][0])
        lines = "".join(
            "<tr>"
            + "".join(f"<td>{say(str(cell))}</td>" for cell in row.values())
            + "</tr>"
            for row in document["latencies"]
        )
    about = ("mix", "shape", "rate_per_s", "seconds", "seed", "workers", "host")
    told = ", ".join(f"{name} {document[name]}" for name in about)
    word = document["verdict"]
    return (
        "<!doctype html><meta charset=utf-8><title>Load test</title>"
        f"<style>{STYLE}</style><h1>Load test: <span class={word}>{word}</span></h1>"
        f"<p>{say(told)}</p><h2>What was asked</h2><ul>{promises}</ul>"
        f"<h2>Money</h2>{f'<ul>{found}</ul>' if found else f'<p>It {money}.</p>'}"
        f"<p>With the providers' reports of the day: {say(books)}.</p>"
        f"<h2>Latencies from the intended start</h2><table><tr>{heads}</tr>{lines}</table>"
        f"<h2>Machine</h2><pre>{say(json.dumps(document['machine'], indent=1))}</pre>"
    )
