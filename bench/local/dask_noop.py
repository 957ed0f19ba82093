"""python dask_noop.py <seconds>: no-op tasks on a LocalCluster of two processes; one line of JSON."""

import json
import sys
import time

from distributed import Client, LocalCluster


def noop(n):
    return n


if __name__ == "__main__":
    limit = float(sys.argv[1])
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        client.gather(client.map(noop, range(10), pure=False))
        done = 0
        started = time.perf_counter()
        while time.perf_counter() - started < limit:
            done += len(client.gather(client.map(noop, range(done, done + 2_000), pure=False)))
        seconds = time.perf_counter() - started
    print(json.dumps({"tasks": done, "seconds": seconds, "rate": done / seconds}))
