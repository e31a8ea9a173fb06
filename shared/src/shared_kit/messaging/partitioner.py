"""Which partition a key belongs to: murmur2, as the default of Kafka's own clients.

Both adapters use it, so that a key lies in the same partition on either log, and together with
what the JVM's tools write.
"""

import random
from collections.abc import Sequence
from functools import lru_cache
from struct import unpack_from

_M = 0x5BD1E995
_SEED = 0x9747B28C
_MASK = 0xFFFFFFFF


def murmur2(data: bytes) -> int:
    """Return the unsigned 32-bit hash of org.apache.kafka.common.utils.Utils.murmur2."""
    length = len(data)
    h = _SEED ^ length
    words = length // 4
    for k in unpack_from(f"<{words}I", data):
        k = (k * _M) & _MASK
        k ^= k >> 24
        h = ((h * _M) & _MASK) ^ ((k * _M) & _MASK)
    tail = data[words * 4 :]
    if tail:
        h ^= int.from_bytes(tail, "little")
        h = (h * _M) & _MASK
    h ^= h >> 13
    h = (h * _M) & _MASK
    return h ^ (h >> 15)


# Hashing in Python takes several microseconds, and the keys of a plan are few and come again.
@lru_cache(maxsize=65_536)
def partition_of(key: bytes, count: int) -> int:
    """Return the partition of a key among `count`."""
    return (murmur2(key) & 0x7FFFFFFF) % count


def choose(key: bytes | None, all_partitions: Sequence[int], available: Sequence[int]) -> int:
    """Return a partition in the form in which aiokafka asks for it; without a key, any."""
    if key is None:
        return random.choice(available or all_partitions)  # noqa: S311 - spreads load
    return all_partitions[partition_of(key, len(all_partitions))]
