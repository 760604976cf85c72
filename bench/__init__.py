"""Measures Telex's speed, latency and memory next to a naive peer, in one run on one machine."""

import os

# One core's work for each side: no library may spread over the others. It is read when numpy is loaded, and
# the measured processes inherit it.
os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"))
