"""What the fuzzer cannot know: ids that exist; half of its guesses become those."""

import zlib

import schemathesis

KNOWN = {"escrow_id": "E1", "contract_id": "C1", "dispute_id": "D1"}


def _known(values):
    if not isinstance(values, dict):
        return values
    return {
        name: KNOWN[name]
        if name in KNOWN and zlib.crc32(str(value).encode(errors="replace")) % 2
        else value
        for name, value in values.items()
    }


@schemathesis.hook
def map_path_parameters(context, path_parameters):  # noqa: ARG001 - as schemathesis calls it
    return _known(path_parameters)


@schemathesis.hook
def map_body(context, body):  # noqa: ARG001 - as schemathesis calls it
    return _known(body)
