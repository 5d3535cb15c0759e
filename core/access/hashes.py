"""Codes and PINs as hashes: what is stored tells nobody what to type."""

import hashlib
import hmac
import secrets
from threading import BoundedSemaphore

N, R, P = 2**14, 8, 1
"""Cost of scrypt (RFC 7914): 16 MiB and about 50 ms for each try, here and for whoever has copied the file."""

_at_once = BoundedSemaphore(2)  # a class that signs in together waits for a second, and takes no 500 MB


def hashed(secret: str) -> str:
    """Return a hash of a code or PIN, with its own salt and the cost at which it was made."""
    salt = secrets.token_bytes(16)
    return f"scrypt:{N}:{R}:{P}:{salt.hex()}:{_scrypt(secret, salt, N, R, P).hex()}"


def fits(secret: str, stored: str) -> bool:
    """Return whether a code or PIN is the one that was hashed. With an empty hash it takes as long, and nothing fits."""
    _, n, r, p, salt, digest = (stored or NOTHING).split(":")
    made = _scrypt(secret, bytes.fromhex(salt), int(n), int(r), int(p))
    return hmac.compare_digest(made, bytes.fromhex(digest)) and bool(stored)


def _scrypt(secret: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    with _at_once:
        return hashlib.scrypt(
            secret.encode(errors="replace"), salt=salt, n=n, r=r, p=p, maxmem=2**27, dklen=32
        )


NOTHING = f"scrypt:{N}:{R}:{P}:{'00' * 16}:{'00' * 32}"
"""A hash of nothing that anybody can type."""
