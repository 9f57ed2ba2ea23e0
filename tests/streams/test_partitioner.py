"""A key goes to the partition that a Java producer would send it to."""

import pytest
from aiokafka.partitioner import murmur2
from hypothesis import given
from hypothesis import strategies as st

from streams.partitioner import CACHE_SIZE, partition_of, positive_murmur2


# From Kafka's own UtilsTest.testMurmur2, as Java ints.
JAVA_VECTORS = {
    b"21": -973932308,
    b"foobar": -790332482,
    b"a-little-bit-long-string": -985981536,
    b"a-little-bit-longer-string": -1486304829,
    b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    b"abc": 479470107,
}


@pytest.mark.parametrize("key", JAVA_VECTORS)
def test_partitioner_agrees_with_the_vectors_of_kafka_itself(key: bytes) -> None:
    """The hash is Java's, with the sign bit dropped (not the absolute value)."""
    assert JAVA_VECTORS[key] & 0x7FFFFFFF == positive_murmur2(key)


@given(key=st.binary(max_size=70), partition_count=st.integers(1, 1000))
def test_partitioner_agrees_with_aiokafka(key: bytes, partition_count: int) -> None:
    """For every key, of every length modulo 4, the choice is the Kafka client's own."""
    assert (murmur2(key) & 0x7FFFFFFF) % partition_count == partition_of(key, partition_count)


def test_partitioner_cache_is_bounded() -> None:
    """However many customers pass by, the memory for their hashes has an end."""
    assert positive_murmur2.cache_info().maxsize == CACHE_SIZE
