# title: a pool of processes, which needs locks between processes
# status: graded
# status[landlock]: graded notebook_error
# shows: 285
# shows[landlock]:
# %%
from multiprocessing import get_context


def square(number):
    return number * number


with get_context("fork").Pool(4) as pool:
    print(sum(pool.map(square, range(10))))
