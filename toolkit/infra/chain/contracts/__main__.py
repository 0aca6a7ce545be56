"""Compile the contracts: what is checked in beside the sources is what `vyper` makes.

    python -m toolkit.infra.chain.contracts

The EVM is that of Paris, said in each source: no opcode is younger than the Merge, so the
same bytes run on every chain of today.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from vyper import __version__
from vyper.compiler import compile_code

FOLDER = Path(__file__).parent


def compiled(source: Path) -> str:
    """Write what a source becomes, as the file that is checked in."""
    made = compile_code(
        source.read_text(encoding="utf-8"),
        contract_path=source.name,
        output_formats=["abi", "bytecode", "bytecode_runtime"],
    )
    return (
        json.dumps(
            {
                "contract": source.stem,
                "compiler": f"vyper {__version__}",
                "evm_version": "paris",
                "abi": made["abi"],
                "bytecode": made["bytecode"],
                "runtime_bytes": len(made["bytecode_runtime"]) // 2 - 1,
            },
            indent=1,
        )
        + "\n"
    )


def main() -> int:
    for source in sorted(FOLDER.glob("*.vy")):
        text = compiled(source)
        source.with_suffix(".json").write_text(text, encoding="utf-8")
        print(f"{source.name}: {json.loads(text)['runtime_bytes']} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
