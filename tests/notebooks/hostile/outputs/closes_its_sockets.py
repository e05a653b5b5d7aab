# title: closes the kernel's sockets
# status: kernel_died
# score: 0
# %%
import time

import zmq

zmq.Context.instance().destroy(linger=0)
kernel = get_ipython().kernel
for name in ("shell_stream", "control_stream", "iopub_socket", "stdin_socket"):
    socket = getattr(kernel, name, None)
    if socket is not None:
        socket.close()
time.sleep(100)
