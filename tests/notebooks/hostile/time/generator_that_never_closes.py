# title: an infinite generator that is thrown away, and goes on in its finally
# status: timeout
# shows: begun
# %%
import time


def endless():
    try:
        while True:
            yield
    finally:
        until = time.monotonic() + 100
        while time.monotonic() < until:
            pass


generator = endless()
next(generator)
print("begun")
del generator
