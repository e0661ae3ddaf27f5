"""A client that stops in the middle of a body is not waited for for ever. In a file of its own: it takes a time limit's time."""

from support.raw_http import RawHttp
from support.s3 import keys


def test_slow_client_is_not_waited_for_for_ever(storaged, s3, bucket, put_line):
    raw = RawHttp(storaged.s3)
    raw.send(put_line(), "Content-Length: 1000", body=b"x")

    answer = raw.answer()

    assert answer is None or answer[0] in (400, 408)
    assert keys(s3, bucket) == []
