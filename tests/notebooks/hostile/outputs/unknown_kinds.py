# title: messages of kinds that do not exist
# status: graded kernel_died
# %%
kernel = get_ipython().kernel
for kind in ("", "nonsense", "x" * 10_000, "__class__", "shutdown_request", "execute_request"):
    kernel.session.send(kernel.iopub_socket, kind, {"execution_state": "idle"}, parent=kernel.get_parent("shell"))
# %%
print("second")
