# title: a widget's message with fifty megabytes of buffers
# status: output_limit
# %%
kernel = get_ipython().kernel
content = {"comm_id": "huge", "target_name": "jupyter.widget", "data": {}}
kernel.session.send(
    kernel.iopub_socket, "comm_msg", content, parent=kernel.get_parent("shell"), buffers=[b"x" * (50 * 2**20)]
)
