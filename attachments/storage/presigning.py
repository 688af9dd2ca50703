"""Addresses for one PUT of exactly so many bytes (AWS Signature Version 4).

The SDK signs the host alone, and then whoever has the address may send gigabytes. With
``content-length`` among the signed headers the store refuses any other length before it
takes the bytes. Browsers send this header by themselves.
"""

import hashlib
import hmac
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
PLAIN = "-_.~"  # what stands in an address as it is


def put_address(
    address: str,
    query: dict[str, str],
    *,
    length: int,
    key: str,
    secret: str,
    region: str,
    date: datetime,
    expires: timedelta,
) -> str:
    """``address`` is that of the object, without a query; ``date`` in UTC."""
    at = f"{date:%Y%m%dT%H%M%SZ}"
    scope = f"{date:%Y%m%d}/{region}/s3/aws4_request"
    signed = {"content-length": str(length), "host": urlsplit(address).netloc}
    names = ";".join(sorted(signed))
    asked = query | {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{key}/{scope}",
        "X-Amz-Date": at,
        "X-Amz-Expires": str(int(expires.total_seconds())),
        "X-Amz-SignedHeaders": names,
    }
    pairs = sorted(
        (quote(n, safe=PLAIN), quote(v, safe=PLAIN)) for n, v in asked.items()
    )
    encoded = "&".join(f"{name}={value}" for name, value in pairs)
    lines = [
        "PUT",
        urlsplit(address).path or "/",
        encoded,
        *(f"{name}:{signed[name]}" for name in sorted(signed)),
        "",
        names,
        "UNSIGNED-PAYLOAD",
    ]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    text = "\n".join([ALGORITHM, at, scope, digest])
    signing = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        signing = hmac.digest(signing, part.encode(), "sha256")
    signature = hmac.digest(signing, text.encode(), "sha256").hex()
    return f"{address}?{encoded}&X-Amz-Signature={signature}"
