"""The tarn command line against a running lake: files in and out, datasets, exit codes, JSON for programs."""

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from support.process import run

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "data"


@pytest.fixture
def tarn(shared_lake, tmp_path):
    def call(*arguments, code=0):
        result = run("tarn", *arguments, environment=shared_lake.cli_environment(), cwd=tmp_path)
        assert result.returncode == code if code is not None else result.returncode > 0, f"{result.returncode}: {result.stdout}{result.stderr}"
        return result

    return call


def test_put_ls_get(tarn, tmp_path):
    source = EXAMPLES / "airports.csv"

    tarn("put", source, "cli/airports.csv")
    listed = json.loads(tarn("ls", "cli/", "--json").stdout)
    tarn("get", "cli/airports.csv", tmp_path / "back.csv")

    assert [(entry["key"], entry["size"]) for entry in listed] == [("cli/airports.csv", source.stat().st_size)]
    assert (tmp_path / "back.csv").read_bytes() == source.read_bytes()


def test_put_without_a_key_uses_the_file_name(tarn, tmp_path):
    (tmp_path / "plain.txt").write_text("x")

    tarn("put", "plain.txt")

    assert "plain.txt" in tarn("ls").stdout


def test_large_files_are_streamed(tarn, tmp_path):
    body = os.urandom(40 << 20)
    (tmp_path / "large").write_bytes(body)

    tarn("put", "large", "cli/large")
    tarn("get", "cli/large", "back")

    assert (tmp_path / "back").read_bytes() == body


def test_datasets_from_the_command_line(tarn):
    tarn("register", "cli.plain", "--fingerprint", "f1")
    shown = json.loads(tarn("show", "cli.plain", "--json").stdout)
    names = [dataset["name"] for dataset in json.loads(tarn("datasets", "--json").stdout)]
    tarn("drop", "cli.plain")
    tarn("show", "cli.plain", code=None)
    tarn("undrop", "cli.plain")

    assert (shown["name"], shown["schema_fingerprint"]) == ("cli.plain", "f1")
    assert "cli.plain" in names
    assert "cli.plain" in tarn("datasets").stdout
    assert "cli.plain" in tarn("show", "cli.plain").stdout


def test_another_fingerprint_is_a_failure_that_names_both(tarn):
    tarn("register", "cli.conflict", "--fingerprint", "one")

    failed = tarn("register", "cli.conflict", "--fingerprint", "two", code=None)

    assert "one" in failed.stderr and "two" in failed.stderr


def test_register_from_parquet_reads_the_footers(tarn, tmp_path):
    table = pa.table({"origin": ["JFK", "SFO"], "delay": [1, 2]})
    pq.write_table(table, tmp_path / "a.parquet")
    pq.write_table(table.replace_schema_metadata({"made by": "another"}), tmp_path / "b.parquet", compression="zstd")
    pq.write_table(pa.table({"origin": [1]}), tmp_path / "odd.parquet")
    for name in ("a", "b", "odd"):
        tarn("put", f"{name}.parquet", f"cli/{name}.parquet")

    tarn("register", "cli.flights", "--from-parquet", "cli/a.parquet", "cli/b.parquet")
    shown = json.loads(tarn("show", "cli.flights", "--json").stdout)
    refused = tarn("register", "cli.mixed", "--from-parquet", "cli/a.parquet", "cli/odd.parquet", code=None)

    assert shown["row_count"] == 4
    assert shown["schema_fingerprint"].startswith("sha256:") and len(shown["schema_fingerprint"]) == 7 + 64
    assert [entry["key"] for entry in shown["objects"]] == ["cli/a.parquet", "cli/b.parquet"]
    assert "cli/odd.parquet" in refused.stderr
    tarn("show", "cli.mixed", code=None)


@pytest.mark.parametrize("output", ["table", "csv", "json"])
def test_formats(tarn, output):
    tarn("register", "cli.formats", "--fingerprint", "f")

    text = tarn("datasets", "--format", output).stdout

    assert "cli.formats" in text
    if output == "json":
        json.loads(text)


def test_arrow_format_is_a_stream(shared_lake):
    environment = shared_lake.cli_environment()
    run("tarn", "register", "cli.arrow", "--fingerprint", "f", environment=environment)

    result = run("tarn", "datasets", "--format", "arrow", environment=environment, text=False)

    assert result.returncode == 0, result.stderr
    assert "cli.arrow" in pa.ipc.open_stream(result.stdout).read_all()["name"].to_pylist()


def test_what_is_not_there(tarn):
    missing = tarn("get", "cli/absent", code=None)
    no_file = tarn("put", "no-such-file", code=None)
    unknown = tarn("show", "absent", code=None)

    assert "cli/absent" in missing.stderr
    assert "no-such-file" in no_file.stderr
    assert "absent" in unknown.stderr


def test_no_server_is_said_with_its_address(tmp_path):
    result = run("tarn", "datasets", "--server", "http://127.0.0.1:1", cwd=tmp_path)

    assert result.returncode > 0
    assert "127.0.0.1:1" in result.stderr


def test_doctor_finds_the_store_sound(shared_lake):
    result = run("tarn", "doctor", environment=shared_lake.cli_environment("admin"))

    assert result.returncode == 0, result.stdout + result.stderr


def test_gc_keeps_young_tombstones(tarn, shared_lake):
    tarn("register", "cli.gc", "--fingerprint", "f")
    tarn("drop", "cli.gc")

    result = run("tarn", "gc", environment=shared_lake.cli_environment("admin"))

    assert result.returncode == 0, result.stdout + result.stderr
    tarn("undrop", "cli.gc")


def test_every_verb_has_help_with_an_example():
    for verb in ("up", "put", "get", "ls", "register", "datasets", "show", "drop", "undrop", "gc", "quarantine", "doctor"):
        shown = run("tarn", verb, "--help")
        assert shown.returncode == 0 and f"tarn {verb}" in shown.stdout, verb
