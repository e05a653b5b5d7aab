# title: a pool of threads, from the library
# status: graded
# shows: 285
# score: 1
# %%
from concurrent.futures import ThreadPoolExecutor

with ThreadPoolExecutor(16) as pool:
    print(sum(pool.map(lambda n: n * n, range(10))))
