# title: an executor of processes
# status: graded
# status[landlock]: graded notebook_error
# shows: 285
# shows[landlock]:
# %%
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context


def square(number):
    return number * number


with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
    print(sum(pool.map(square, range(10))))
