"""Bearer tokens: who may read, write and administer, over HTTP and gRPC."""

import re

import grpc
import pytest

from support.catalog import Catalog, error_code, objects
from support.grpc_catalog import GrpcCatalog, reason_of
from support.process import run


def made_token(name, role):
    """(token, setting) as `tarn token` makes them."""
    shown = run("tarn", "token", name, "--role", role)
    assert shown.returncode == 0, shown.stderr
    return re.search(r"tarn_[0-9a-f]{64}", shown.stdout).group(), re.search(rf"{name}:{role}:[0-9a-f]{{64}}", shown.stdout).group()


@pytest.fixture(scope="module")
def guarded(module_processes):
    """A `tarn up` that knows a reader and a writer; role -> token."""
    tokens = {role: made_token(f"a-{role}", role) for role in ("read", "write")}
    flags = [word for _, setting in tokens.values() for word in ("--tokens", setting)]
    server = module_processes.up(*flags).start()
    return server, {role: token for role, (token, _) in tokens.items()}


def headers(token):
    return {"Authorization": f"Bearer {token}"}


def test_without_a_token_nothing_is_shown(guarded):
    server, _ = guarded
    catalog = Catalog(server.http)

    for answer in (catalog.page(), catalog.register("x"), catalog.request("GET", "/v1/datasets", headers=headers("tarn_wrong"))):
        assert (answer.status_code, error_code(answer)) == (401, "unauthenticated")
    assert catalog.request("GET", "/healthz").status_code == 200


def test_a_reader_may_not_write(guarded):
    server, tokens = guarded
    catalog = Catalog(server.http)
    assert catalog.register("guarded", "f", objects("k"), headers=headers(tokens["write"])).status_code == 201

    read = catalog.get("guarded", headers=headers(tokens["read"]))
    written = catalog.register("guarded", "f", objects("other"), headers=headers(tokens["read"]))

    assert read.status_code == 200
    assert (written.status_code, error_code(written)) == (403, "permission_denied")
    assert catalog.get("guarded", headers=headers(tokens["read"])).json()["revision"] == 1


def test_the_same_holds_over_grpc(guarded):
    server, tokens = guarded
    catalog = GrpcCatalog(server.grpc, metadata=[("authorization", f"Bearer {tokens['read']}")])
    stranger = GrpcCatalog(server.grpc)

    catalog.call("List")
    with pytest.raises(grpc.RpcError) as denied:
        catalog.call("Register", name="x", schema_fingerprint="f")
    with pytest.raises(grpc.RpcError) as unknown:
        stranger.call("List")

    assert (denied.value.code(), reason_of(denied.value)) == (grpc.StatusCode.PERMISSION_DENIED, "permission_denied")
    assert (unknown.value.code(), reason_of(unknown.value)) == (grpc.StatusCode.UNAUTHENTICATED, "unauthenticated")


def test_the_command_line_sends_its_token(guarded):
    server, tokens = guarded

    without = run("tarn", "datasets", "--server", server.http)
    with_token = run("tarn", "datasets", "--server", server.http, environment={"TARN_TOKEN": tokens["read"]})

    assert without.returncode > 0
    assert with_token.returncode == 0, with_token.stderr


def test_tokens_are_not_logged(guarded):
    server, tokens = guarded

    answer = Catalog(server.http).request("GET", "/v1/datasets", headers=headers(tokens["read"]))

    assert answer.status_code == 200
    assert not any(token in server.log_text() for token in tokens.values())
