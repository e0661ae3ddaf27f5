"""kill -9 storaged under concurrent load, again and again on one folder: every acknowledged write is there with its exact
bytes, what was not acknowledged is there whole or not at all, and nothing else is there."""

import hashlib
import os
import random

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from support import s3 as s3_support
from support.load import Load, Promises, pause
from support.process import BUCKET

ROUNDS = int(os.environ.get("TARN_CRASH_ROUNDS", "5"))
WRITERS = 8
KEYS_PER_WRITER = 10
RACED_KEYS = 5
# Both sides of what is stored inline, and a body that boto3 does not send in one piece.
SIZES = [0, 1, 300, 4096, 32 * 1024 - 1, 32 * 1024 + 1, 100_000, 700_000]
PART_BYTES = 5 << 20


def body_of(tag):
    """The bytes that `tag` ("seed/size") stands for."""
    return random.Random(tag).randbytes(int(tag.split("/")[-1]))


def state_of(body):
    return hashlib.sha256(body).hexdigest()[:16]


class Writers:
    """Puts, overwrites, deletes and multipart uploads, each writer on its own keys; and racing creates on shared ones."""

    def __init__(self, server):
        credential = server.credentials.admin
        self.clients = [s3_support.client(server.s3, credential) for _ in range(WRITERS)]
        self.promises = Promises()
        self.raced = {}  # key -> states that the racers tried to create it with
        self.acknowledged = 0
        self.round = 0

    def step(self, writer, rng):
        """One operation; False when the server is gone."""
        s3 = self.clients[writer]
        if rng.random() < 0.1:
            return self.race(s3, writer, rng)
        key = f"w{writer}/{rng.randrange(KEYS_PER_WRITER)}"
        kind = rng.choices(["put", "delete", "multipart"], [80, 17, 3])[0]
        size = rng.choice(SIZES) if kind == "put" else PART_BYTES + rng.randrange(1000)
        tag = f"{self.round}/{writer}/{rng.getrandbits(60)}/{size}"
        body = body_of(tag) if kind != "delete" else None
        state = state_of(body) if body is not None else None
        self.promises.begin(key, state)
        try:
            if kind == "put":
                s3.put_object(Bucket=BUCKET, Key=key, Body=body)
            elif kind == "delete":
                s3.delete_object(Bucket=BUCKET, Key=key)
            else:
                self.multipart(s3, key, body)
        except (BotoCoreError, ClientError) as error:
            assert not isinstance(error, ClientError), f"a healthy server refused {kind} {key}: {error}"
            return False
        self.promises.applied(key, state)
        self.acknowledged += 1
        return True

    def multipart(self, s3, key, body):
        upload = s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]
        parts = []
        for number, start in enumerate(range(0, len(body), PART_BYTES), start=1):
            part = s3.upload_part(Bucket=BUCKET, Key=key, UploadId=upload, PartNumber=number, Body=body[start : start + PART_BYTES])
            parts.append({"PartNumber": number, "ETag": part["ETag"]})
        s3.complete_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload, MultipartUpload={"Parts": parts})

    def race(self, s3, writer, rng):
        key = f"race/{self.round}/{rng.randrange(RACED_KEYS)}"
        body = f"{writer} {rng.getrandbits(60)}".encode()
        outcome = self.raced.setdefault(key, {"won": [], "unknown": []})
        try:
            s3.put_object(Bucket=BUCKET, Key=key, Body=body, IfNoneMatch="*")
        except ClientError as error:
            assert error.response["Error"]["Code"] == "PreconditionFailed", error
            return True
        except BotoCoreError:
            outcome["unknown"].append(state_of(body))
            return False
        outcome["won"].append(state_of(body))
        return True

    def verify(self):
        s3 = self.clients[0]
        listed = {}
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET):
            listed.update({entry["Key"]: entry["Size"] for entry in page.get("Contents", [])})
        found = {}
        for key, size in listed.items():
            body = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
            assert len(body) == size, f"{key} is listed with {size} bytes and has {len(body)}"
            found[key] = state_of(body)

        for key in self.promises.keys():
            self.promises.observed(key, found.pop(key, None))
        for key, outcome in self.raced.items():
            assert len(outcome["won"]) <= 1, f"{key} was created {len(outcome['won'])} times"
            allowed = outcome["won"] or [*outcome["unknown"], None]
            state = found.pop(key, None)
            assert state in allowed, f"{key} holds {state}, not one of {allowed}"
            outcome["won"], outcome["unknown"] = ([state] if state else []), []
        assert not found, f"ghosts: {sorted(found)}"


@pytest.mark.timeout(60 + 20 * ROUNDS)
def test_acknowledged_writes_survive_kill_9(processes):
    seed = os.environ.get("TARN_CRASH_SEED", str(random.SystemRandom().getrandbits(32)))
    print(f"TARN_CRASH_SEED={seed}")
    rng = random.Random(seed)
    server = processes.storaged().start()
    writers = Writers(server)
    writers.clients[0].create_bucket(Bucket=BUCKET)

    for writers.round in range(ROUNDS):
        load = Load(WRITERS, writers.step, f"{seed}/{writers.round}")
        pause(rng, 0.05, 0.8)
        server.kill()
        load.stop()
        if rng.random() < 0.3:
            # And once more while it recovers.
            server.start(wait=False)
            pause(rng, 0.0, 0.15)
            server.kill()
        server.restart()
        writers.verify()
        print(f"round {writers.round + 1}/{ROUNDS}: {writers.acknowledged} acknowledged writes so far, all there", flush=True)

    assert writers.acknowledged > 10 * ROUNDS, "hardly anything was written: this tested nothing"
