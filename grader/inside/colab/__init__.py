"""What notebooks written in Colab expect to find around them, as far as a sandbox without a network can give it.

Theory of operation. Three things are put in place before the first cell. Modules that only Colab has, or that
are not installed here, are found by finders of ours (`modules`): `google.colab` before any other, the rest after
all others, so that what is installed goes first. Programs that reach for the network are found on PATH before the
system's (`programs`), whichever way the notebook starts them. And `/content` leads to the working folder: by a link
where the sandbox has mounts of its own, else by `content`.

Nothing of it pretends: what cannot be done says so at once, in an error or in a line on stderr, which no
criterion reads. What stands in for data answers with the assignment's own file.

What this package dislikes about itself: it runs among student code, and is written against the habits of
notebooks rather than against a specification. Nobody trusts it: it gives the notebook nothing that the notebook
could not have made by itself.
"""
