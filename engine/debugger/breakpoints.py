"""Commands that set, list and delete breakpoints and watches."""

from collections.abc import Iterable
from typing import Any

from ..events import EVENTS, KINK, NOT_FINITE, UNDEFINED
from ..operation import TABLE
from ..support.text import counted, did_you_mean, format_number, listed
from .command import command
from .condition import Formula
from .moves import parse_position
from .session import Session
from .stop import CommandError

EVENTS_BY_WORD = {"nan": NOT_FINITE, "kink": KINK, "undefined": UNDEFINED}


@command("break", "b", repeats=False)
def set_breakpoint(session: Session, argument: str, **about: Any) -> Iterable[str]:
    """Stop at a node, an operation, a step, or where a condition holds.

    break                        list breakpoints and watches
    break NAME [if CONDITION]    where the node is made and where its gradient is passed on; a leaf: where it is reached
    break NUMBER                 before this step, see list
    break tanh [if CONDITION]    at nodes of this operation; break op tanh where a node is called tanh
    break if |grad| > 1          after any step with which this holds

    A condition uses a.data and a.grad of nodes, and numbers of the step: grad (of the node it reaches, after it),
    data, local, upstream, contribution, before, after, step; with and, or, not, isnan(x), isinf(x).
    """
    if not argument:
        yield from info(session, "")
        return
    where, word, condition = (part.strip() for part in f" {argument} ".partition(" if "))
    if word and not condition:
        raise CommandError("the condition is missing, as in: break if |grad| > 1")
    if condition:
        about["condition"] = Formula(condition, session.names)
    yield str(session.add_breakpoint(argument, **location(session, where), **about))


def location(session: Session, where: str) -> dict[str, Any]:
    """Return what a breakpoint is about, as `Breakpoint` takes it."""
    if not where:
        return {}
    word, _, name = where.partition(" ")
    is_node = session.names.find(where) is not None
    if where.isdecimal() and not is_node:
        return {"index": parse_position(session, where)}
    operations = {node.op for node in session.walk.order if node.inputs}
    known = {each for operation in operations for each in (operation.name, operation.symbol)} - {""}
    if where in known and not is_node:
        return {"op": where}
    if word != "op" or is_node:
        return {"place": session.walk.made_in(session.node(where))}
    name = name.strip()
    if name not in known:
        wrong = f"this graph has no operation {name}" if name else "the name of an operation is missing"
        raise CommandError(wrong + did_you_mean(name, sorted(known & {*TABLE}), "it has"))
    return {"op": name}


@command("tbreak ...", repeats=False)
def set_temporary_breakpoint(session: Session, argument: str) -> Iterable[str]:
    """Stop as break does, but only once."""
    return set_breakpoint(session, argument, once=True)


@command("watch NAME", repeats=False)
def watch(session: Session, argument: str) -> Iterable[str]:
    """Stop after each step that changes the gradient of a node."""
    place = session.walk.made_in(session.node(argument))
    return [str(session.add_breakpoint(f"{argument}.grad changes", place=place, changes=True))]


@command("catch nan | kink | undefined", repeats=False)
def catch(session: Session, argument: str) -> Iterable[str]:
    """Stop after each step at which something special happens.

    catch nan         infinity or not-a-number is made, in the forward or in the backward pass
    catch kink        an operation sits on its kink, such as relu at 0
    catch undefined   a derivative is needed that does not exist
    """
    if argument not in EVENTS_BY_WORD:
        wrong = f"not {argument[:40]}" if argument else "as in: catch nan"
        raise CommandError(f"what to catch must be {listed(EVENTS_BY_WORD, last='or')}, {wrong}")
    event = EVENTS_BY_WORD[argument]
    return [str(session.add_breakpoint(EVENTS[event], event=event))]


@command("delete NUMBER | all", "d", repeats=False)
def delete(session: Session, argument: str) -> Iterable[str]:
    """Delete a breakpoint, a watch or a catch, or all of them."""
    for number in choose_numbers(argument, session.breakpoints, "breakpoint", "info"):
        yield f"deleted {number}: {session.breakpoints.pop(number).text}"


@command("info", "i")
def info(session: Session, argument: str) -> Iterable[str]:
    """List breakpoints and watches, and numbers that were set."""
    for each in session.breakpoints.values():
        yield f"{each}   (stopped {counted(each.hits, 'time')})" if each.hits else str(each)
    if not session.breakpoints:
        yield "no breakpoints; break NAME sets one"
    for node in map(session.walk.order.__getitem__, session.changed):
        yield f"set: {session.names[node]} = {format_number(node.data)}"


def choose_numbers(argument: str, known: dict[int, Any], noun: str, lister: str) -> list[int]:
    """Return the number that a user typed, which must be a known one, or all known numbers for the word all."""
    if argument == "all":
        return list(known)
    if argument not in map(str, known):
        wrong = f"there is no {noun} {argument}" if argument else f"the number of a {noun} is missing"
        raise CommandError(f"{wrong}; {lister} lists them, and all means all of them")
    return [int(argument)]
