# title: a stream message without a text
# status: graded kernel_died
# %%
kernel = get_ipython().kernel
kernel.session.send(kernel.iopub_socket, "stream", {"name": 7}, parent=kernel.get_parent("shell"))
# %%
print("second")
