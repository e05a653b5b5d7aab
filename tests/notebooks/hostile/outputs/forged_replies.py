# title: sends thousands of replies that nobody asked for
# status: graded output_limit kernel_died timeout
# %%
import time

kernel = get_ipython().kernel
parent = kernel.get_parent("shell")
ident = kernel._parent_ident.get("shell", [])
until = time.monotonic() + 60
while time.monotonic() < until:
    other = {"header": dict(parent["header"], msg_id="another")}
    kernel.session.send(kernel.shell_stream, "execute_reply", {"status": "ok"}, parent=other, ident=ident)
