"""Lines of a cell as the student sees them, against lines as IPython counts them."""


def leading_blank_lines(source: str) -> int:
    """How many lines IPython drops before it compiles a cell, and does not count."""
    blank = len(source) - len(source.lstrip("\n\r\t "))
    return source[:blank].count("\n")
