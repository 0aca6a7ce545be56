"""A stranger's fuzzer finds no answer that is not described, and no mistake of ours."""

import os
import subprocess
import sys

import pytest

from tests.gateway.page import DOCUMENT
from tests.gateway.served import served
from tests.gateway.worlds import bearer
from toolkit.gateway.tokens import Role

# More by `ESCROW_FUZZ_EXAMPLES=1000`, when there is time for it.
EXAMPLES = os.environ.get("ESCROW_FUZZ_EXAMPLES", "8")
HOOKS, HOUSE = "tests.gateway.fuzz_hooks", DOCUMENT.parents[2]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
)


@pytest.mark.slow
def test_schemathesis_finds_nothing(postgres_dsn, tmp_path):
    everything = bearer("ada", *Role)["Authorization"]
    with served(postgres_dsn) as address:
        fuzzed = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", str(DOCUMENT)),
                *("--url", address, "--checks", ",".join(CHECKS)),
                *("--header", f"Authorization: {everything}"),
                *("--max-examples", EXAMPLES, "--seed", "7", "--no-color"),
                *("--phases", "examples,coverage,fuzzing", "--request-timeout", "20"),
            ],
            cwd=tmp_path,
            env=os.environ | {"SCHEMATHESIS_HOOKS": HOOKS, "PYTHONPATH": str(HOUSE)},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    assert fuzzed.returncode == 0, fuzzed.stdout[-20_000:] + fuzzed.stderr[-2_000:]
