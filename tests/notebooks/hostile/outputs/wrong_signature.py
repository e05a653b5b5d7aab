# title: signs its messages with another key
# status: kernel_died timeout
# score: 0
# %%
get_ipython().kernel.session.key = b"another key"
print("signed by somebody else")
# %%
print("second")
