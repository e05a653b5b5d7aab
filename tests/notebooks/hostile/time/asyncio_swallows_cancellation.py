# title: a coroutine that cannot be cancelled
# status: timeout
# %%
import asyncio
import time

until = time.monotonic() + 100
while time.monotonic() < until:
    try:
        await asyncio.sleep(5)
    except BaseException:
        pass
