# title: answers for itself that all is well, then raises
# status: graded notebook_error
# shows: begun
# %%
kernel = get_ipython().kernel
print("begun", flush=True)
parent = kernel.get_parent("shell")
content = {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}
for socket in filter(None, [getattr(kernel, "shell_stream", None), getattr(kernel, "shell_socket", None)]):
    kernel.session.send(socket, "execute_reply", content, parent=parent, ident=kernel._parent_ident.get("shell", []))
raise ValueError("after all was well")
