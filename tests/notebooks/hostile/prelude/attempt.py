# Inserted as the first cell of entries that say `with: attempt`: what must fail is tried, and both ends are told.


def attempt(name, action):
    try:
        got = action()
    except Exception as error:
        print(name, "refused:", type(error).__name__)
        return False
    print("REACHED", name, repr(got)[:400])
    return True
