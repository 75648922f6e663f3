"""Calls functions of a library, in a process of its own: a library that is wrong may end it, or go on for ever.

It is run as a script, and imports nothing of the engine, so that it starts quickly.
"""

import ast
import ctypes
import sys


def answer(request: str) -> str:
    """Return what the functions of a library answer.

    Args:
        request: the path of the library, and the calls: of each the name of the function, and its arguments, which
            are ints, the bytes of arrays, or None for the end of the array before.

    Returns:
        For each call, whether it reported trouble, and the bytes of the arrays afterwards.
    """
    path, calls = ast.literal_eval(request)
    library = ctypes.PyDLL(path)
    answers = []
    for name, arguments in calls:
        arrays = [ctypes.create_string_buffer(x, len(x)) for x in arguments if isinstance(x, bytes)]
        given, kinds, rest, end = [], [], iter(arrays), 0
        for x in arguments:
            kinds.append(ctypes.c_int64 if isinstance(x, int) else ctypes.c_void_p)
            given.append(x if isinstance(x, int) else end if x is None else ctypes.addressof(next(rest)))
            if isinstance(x, bytes):
                end = given[-1] + len(x)
        pointer = library[f"pointer_to_{name}"]
        pointer.restype = ctypes.c_void_p
        library.expect_no_trouble()
        ctypes.PYFUNCTYPE(None, *kinds)(pointer())(*given)
        answers.append((bool(library.has_trouble()), [x.raw for x in arrays]))
    return repr(answers)


if __name__ == "__main__":
    sys.stdout.write(answer(sys.stdin.read()) + "\n")
