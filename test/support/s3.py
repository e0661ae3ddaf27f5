"""boto3 as the suites use it: path style, one attempt, so that a failure is seen and not retried away."""

import boto3
from botocore.config import Config

REGION = "us-east-1"


def client(url, credential, **config):
    settings = {
        "s3": {"addressing_style": "path"},
        "retries": {"total_max_attempts": 1},
        "connect_timeout": 5,
        "read_timeout": 30,
        "max_pool_connections": 64,
        "signature_version": "s3v4",
        **config,
    }
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=credential.access_key_id,
        aws_secret_access_key=credential.secret_access_key,
        config=Config(**settings),
    )


def keys(s3, bucket, prefix=""):
    """Every key under prefix, in the order listed, page by page."""
    found = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        found += [entry["Key"] for entry in page.get("Contents", [])]
    return found


def error_of(call, *args, **kwargs):
    """(HTTP status, S3 error code) of a call that must fail."""
    from botocore.exceptions import ClientError

    try:
        call(*args, **kwargs)
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
    raise AssertionError(f"{call.__name__} succeeded")
