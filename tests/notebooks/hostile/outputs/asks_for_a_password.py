# title: asks for a password
# status: notebook_error
# says: StdinNotImplementedError
# score: 0
# %%
import getpass

getpass.getpass()
