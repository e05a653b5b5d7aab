# title: widgets' messages without end
# status: output_limit
# %%
kernel = get_ipython().kernel
parent = kernel.get_parent("shell")
for number in range(30_000):
    content = {"comm_id": str(number), "target_name": "jupyter.widget", "data": {"state": {}}}
    kernel.session.send(kernel.iopub_socket, "comm_open", content, parent=parent)
