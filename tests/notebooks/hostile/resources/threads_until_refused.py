# title: starts threads, as many as it gets
# status: process_limit
# %%
import threading
import time

threading.stack_size(64 * 1024)
gate = threading.Event()
for number in range(@too_many@):
    try:
        threading.Thread(target=gate.wait, args=[40], daemon=True).start()
    except RuntimeError as error:
        print("refused at", number, error)
        break
time.sleep(5)
