# title: a widget that would swallow what is shown
# status: graded
# shows: seen all the same
# score: 1
# %%
kernel = get_ipython().kernel
parent = kernel.get_parent("shell")
msg_id = parent["header"]["msg_id"]
state = {"_model_module": "@jupyter-widgets/output", "_model_name": "OutputModel", "msg_id": msg_id, "outputs": []}
content = {"comm_id": "swallow", "target_name": "jupyter.widget", "data": {"state": state}}
kernel.session.send(kernel.iopub_socket, "comm_open", content, parent=parent)
update = {"comm_id": "swallow", "data": {"method": "update", "state": {"msg_id": msg_id}}}
kernel.session.send(kernel.iopub_socket, "comm_msg", update, parent=parent)
print("seen all the same")
