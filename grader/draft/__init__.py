"""A new assignment, drafted from a solved notebook: its data, and a rubric with what can be read off its code.

`criteria` reads the criteria off the code, `data` finds the files that it loads, `text` writes the rubric with
comments for the person who goes on, and `assignment` puts the files in place. The notebook is read as text and
never run.
"""
