"""Look at what a source is read as, and write it in other ways."""

import csv
import dataclasses
import io

from recon.clock import Stopwatch
from recon.manifest import read_manifest
from recon.rulebook import STEPS, scripts
from recon.run import _database, _set_clocks, load_sources
from tests.recon.test_inputs import entry, manifest_of, rewrite, save, text


def rows_of(inputs, source):
    return list(csv.DictReader(io.StringIO(text(inputs, source), newline="")))


def replace(inputs, source, rows, *, encoding="utf-8", **dialect):
    """Write the rows in another way, and say so in the manifest."""
    lines = io.StringIO(newline="")
    writer = csv.DictWriter(lines, list(rows[0]), delimiter=dialect.get("delimiter", ","))
    writer.writeheader()
    writer.writerows(rows)
    rewrite(inputs, source, lines.getvalue().encode(encoding))
    manifest = manifest_of(inputs)
    entry(manifest, source).update(dialect)
    save(inputs, manifest)


def told(day, inputs, source):
    """What the reader makes of a source, without the rest of the day."""
    manifest, faults = read_manifest(inputs, day.start.date())
    assert faults == []
    with _database() as db:
        db.execute(scripts(STEPS)[0].read_text(encoding="utf-8"))
        _set_clocks(db, day.start.date(), manifest)
        only = dataclasses.replace(manifest, files={source: manifest.files[source]})
        assert load_sources(db, only, Stopwatch()) == []
        return db.execute(f"from {source} order by all").fetchall()
