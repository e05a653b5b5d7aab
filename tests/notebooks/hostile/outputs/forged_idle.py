# title: tells that it is idle, and goes on
# status: graded
# shows: begun
# score: 1
# %%
import time

kernel = get_ipython().kernel
print("begun", flush=True)
parent = kernel.get_parent("shell")
kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent)
time.sleep(2)
print("after", flush=True)
# %%
print("second cell")
