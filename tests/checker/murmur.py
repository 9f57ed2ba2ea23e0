"""
Say where Java's default partitioner puts a key: murmur2 as in `org.apache.kafka.common.utils`.

Written from the algorithm (Austin Appleby's MurmurHash2 with Kafka's seed), not from any client.
"""

from functools import cache


_SEED = 0x9747B28C
_M = 0x5BD1E995
_MASK = 0xFFFFFFFF


def murmur2(key: bytes) -> int:
    """Return the hash as an unsigned 32-bit number."""
    length = len(key)
    h = _SEED ^ length
    whole = length - length % 4
    for at in range(0, whole, 4):
        k = int.from_bytes(key[at : at + 4], "little") * _M & _MASK
        k = (k ^ k >> 24) * _M & _MASK
        h = h * _M & _MASK ^ k
    if rest := key[whole:]:
        h = (h ^ int.from_bytes(rest, "little")) * _M & _MASK
    h = (h ^ h >> 13) * _M & _MASK
    return h ^ h >> 15


@cache
def partition_of(key: bytes, partition_count: int) -> int:
    """Return the partition of a key: the hash without its sign, modulo the count."""
    return (murmur2(key) & 0x7FFFFFFF) % partition_count
