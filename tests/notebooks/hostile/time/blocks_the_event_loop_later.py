# title: a callback that blocks the kernel's event loop after its cell has ended
# status: timeout
# shows: scheduled
# %%
import asyncio
import time

asyncio.get_running_loop().call_later(0.2, time.sleep, 100)
print("scheduled")
# %%
await asyncio.sleep(3)
print("never reached in time")
