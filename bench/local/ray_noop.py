"""python ray_noop.py <seconds>: no-op tasks on two processors; one line of JSON."""

import json
import sys
import time

import ray


@ray.remote
def noop(n):
    return n


limit = float(sys.argv[1])
ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
ray.get([noop.remote(n) for n in range(10)])
done = 0
started = time.perf_counter()
while time.perf_counter() - started < limit:
    done += len(ray.get([noop.remote(n) for n in range(done, done + 2_000)]))
seconds = time.perf_counter() - started
ray.shutdown()
print(json.dumps({"tasks": done, "seconds": seconds, "rate": done / seconds}))
