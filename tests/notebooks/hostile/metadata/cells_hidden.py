# title: metadata that hide, lock and delete
# status: graded
# shows: seen
# score: 1
# metadata: {"celltoolbar": "x", "papermill": {"parameters": {"x": 1}}, "widgets": {"state": {"a": [[[]]]}}}
# %% {"tags": ["remove-cell", "hide-input", "remove-output"], "editable": false, "jupyter": {"outputs_hidden": true}}
print("seen")
