# title: resets the session and the history
# status: graded
# shows: after
# %%
%reset -f
%config HistoryManager.enabled = True
# %%
print("after")
