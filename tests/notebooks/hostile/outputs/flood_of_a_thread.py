# title: a thread that prints on while other cells run
# status: output_limit
# shows: first cell
# %%
import threading
import time


def flood(until=time.monotonic() + 60):
    while time.monotonic() < until:
        print("y" * 999)


print("first cell")
threading.Thread(target=flood, daemon=True).start()
# %%
time.sleep(5)
