# title: sends a request for input although the client allows none
# status: graded kernel_died timeout notebook_error
# %%
kernel = get_ipython().kernel
kernel._allow_stdin = True
kernel._input_request("your name?", kernel._parent_ident.get("shell", []), kernel.get_parent("shell"))
