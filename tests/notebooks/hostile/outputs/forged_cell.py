# title: shows something in the name of a cell that has not run
# status: graded
# shows: first
# shows: second
# %%
kernel = get_ipython().kernel
parent = {"header": dict(kernel.get_parent("shell")["header"], msg_id="0" * 36)}
kernel.session.send(kernel.iopub_socket, "stream", {"name": "stdout", "text": "forged\n"}, parent=parent)
print("first")
# %%
print("second")
