# title: a cell in the language of the shell
# status: graded
# shows: hello from bash
# score: 1
# %%
%%bash
echo hello from bash
for i in 1 2 3; do echo $i > file-$i; done
cat file-*
