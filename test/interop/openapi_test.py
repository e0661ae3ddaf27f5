"""/openapi.json is true: schemathesis makes requests from it, and holds every answer to it."""

import subprocess
import sys
from pathlib import Path

import pytest
import requests

from support.process import clean_environment

# A generated deadline of a millisecond may well pass: 504 is the right answer then, and status_code_conformance still
# holds it to what the document says.
CONFIGURATION = """
[checks]
not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "504"]
"""


@pytest.mark.timeout(250)
def test_schemathesis_finds_no_contradiction(shared_lake, tmp_path):
    url = shared_lake.catalog_server.http
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(CONFIGURATION)

    result = subprocess.run(
        [
            Path(sys.executable).with_name("schemathesis"),
            *("--config-file", configuration),
            *("run", f"{url}/openapi.json", "--url", url),
            # A register of a name that another generated request made is a 409 by contract, so "valid data is accepted"
            # does not hold for a catalog with memory.
            *("--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"),
            *("--phases", "examples,coverage,fuzzing,stateful"),
            *("--max-examples", "40", "--seed", "1", "--workers", "1", "--request-timeout", "10"),
        ],
        env=clean_environment(),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=230,
        check=False,
    )

    assert result.returncode == 0, result.stdout[-8000:] + result.stderr[-2000:]


def test_every_path_of_the_design_is_described(shared_lake):
    document = requests.get(shared_lake.catalog_server.http + "/openapi.json", timeout=10).json()

    assert document["openapi"].startswith("3.")
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert {
        ("/v1/datasets", "get"),
        ("/v1/datasets", "post"),
        ("/v1/datasets/{name}", "get"),
        ("/v1/datasets/{name}", "delete"),
        ("/v1/datasets/{name}:undrop", "post"),
        ("/healthz", "get"),
        ("/readyz", "get"),
        ("/metrics", "get"),
    } <= described
