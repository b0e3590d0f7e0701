"""Asks a server of its own everything that /openapi.json allows, and much that it does not.

Run as `make fuzz`, or `make fuzz ARGS="-n 20"`: further arguments go to schemathesis. Without any,
more than 5,000 cases in 10 to 20 minutes. Ends with 1 where a check failed or the server died.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import conftest

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
CHECKS = ("--phases", "examples,coverage,fuzzing", "--continue-on-failure", "--request-timeout=60")


def attack(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One run of schemathesis over a running server."""
    program = Path(sys.executable).with_name("schemathesis")
    command = (program, "--config-file", CONFIGURATION, "run", f"{url}/openapi.json", *CHECKS)
    with tempfile.TemporaryDirectory() as folder:  # it leaves a folder of its own where it runs
        return subprocess.run(
            [*command, *arguments], cwd=folder, capture_output=True, text=True, check=False
        )


def main() -> int:
    """Builds the release where there is none, serves it, and attacks it."""
    budgets = ("KG_BUDGET_SECONDS_PER_MINUTE", "KG_BUDGET_ERRORS_PER_MINUTE")
    limits = {"KG_QUERY_TIMEOUT_SECONDS": "5", **dict.fromkeys(budgets, "0")}
    with conftest.serving({**os.environ, **limits}) as url:
        result = attack(url, *(sys.argv[1:] or ("-n", "60", "--workers=2")))
    sys.stdout.write(result.stdout + result.stderr)
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
