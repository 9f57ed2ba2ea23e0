"""
Say in Python's terms which C functions of librdkafka's mock cluster exist; the only ctypes.

librdkafka calls this interface experimental and promises no ABI, and the Python client does not
offer it, so the version is checked before the first call: a wrong prototype corrupts memory
instead of raising.
"""

import ctypes
from importlib import metadata
from pathlib import Path


CLIENT_VERSION = "2.16.1"
"""The `confluent-kafka` these prototypes were read against."""

LIBRDKAFKA_VERSION = 0x021000FF
"""librdkafka 2.16.0 as its `rd_kafka_version()` says it: 0xMMmmrrff."""

KIND_PRODUCER = 0
"""First argument of `rd_kafka_new`. A consumer would start a group it has no use for."""

ERROR_TEXT_BYTES = 512
"""Room for the text that `rd_kafka_conf_set` and `rd_kafka_new` explain a failure with."""

_HANDLE = ctypes.c_void_p
_TEXT = ctypes.c_char_p
_PROTOTYPES: dict[str, tuple[type | None, tuple[type, ...]]] = {
    "rd_kafka_version": (ctypes.c_int, ()),
    "rd_kafka_thread_cnt": (ctypes.c_int, ()),
    "rd_kafka_err2str": (_TEXT, (ctypes.c_int,)),
    "rd_kafka_conf_new": (_HANDLE, ()),
    "rd_kafka_conf_destroy": (None, (_HANDLE,)),
    "rd_kafka_conf_set": (ctypes.c_int, (_HANDLE, _TEXT, _TEXT, _TEXT, ctypes.c_size_t)),
    "rd_kafka_new": (_HANDLE, (ctypes.c_int, _HANDLE, _TEXT, ctypes.c_size_t)),
    "rd_kafka_destroy": (None, (_HANDLE,)),
    "rd_kafka_mock_cluster_new": (_HANDLE, (_HANDLE, ctypes.c_int)),
    "rd_kafka_mock_cluster_destroy": (None, (_HANDLE,)),
    "rd_kafka_mock_cluster_bootstraps": (_TEXT, (_HANDLE,)),
    "rd_kafka_mock_topic_create": (ctypes.c_int, (_HANDLE, _TEXT, ctypes.c_int, ctypes.c_int)),
    "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, (_HANDLE, ctypes.c_int32)),
}


class MockClusterError(RuntimeError):
    """The bundled librdkafka is not the one described here: nothing can start."""


def load_librdkafka() -> ctypes.CDLL:
    """
    Return the wheel's librdkafka with the mock cluster's functions declared.

    Raises:
        MockClusterError: the wheel is missing, of another version, or built without a
            bundled library.
    """
    library = ctypes.CDLL(str(_library_path()))
    for name, (result, arguments) in _PROTOTYPES.items():
        function = getattr(library, name)
        function.restype = result
        function.argtypes = arguments
    found = library.rd_kafka_version()
    if found != LIBRDKAFKA_VERSION:
        wanted = f"wanted librdkafka {LIBRDKAFKA_VERSION:#010x}"
        raise MockClusterError(f"{wanted}, found {found:#010x}")
    return library


def _library_path() -> Path:
    """Return where the wheel keeps its library: beside the package on Linux, inside it on macOS."""
    try:
        wheel = metadata.distribution("confluent-kafka")
    except metadata.PackageNotFoundError as error:
        raise MockClusterError(f"wanted confluent-kafka {CLIENT_VERSION}, found none") from error
    if wheel.version != CLIENT_VERSION:
        found = wheel.version
        raise MockClusterError(f"wanted confluent-kafka {CLIENT_VERSION}, found {found}")
    for file in wheel.files or ():
        if file.name.startswith("librdkafka"):
            return Path(str(file.locate()))
    raise MockClusterError("wanted a librdkafka inside the confluent-kafka wheel, found none")
