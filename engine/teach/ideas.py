"""Ideas: a bank of questions on what backpropagation is, and what people take it for."""

from __future__ import annotations

from random import Random
from string import ascii_lowercase
from typing import NamedTuple

from .item import LetteredItem

TOPIC = "ideas"


class Idea(NamedTuple):
    """Hold a question on an idea.

    Attributes:
        question: the question.
        answer: the right answer, short.
        wrong: wrong answers that people give, each with what is wrong with it.
        more: what else there is to say.
    """

    question: str
    answer: str
    wrong: tuple[tuple[str, str], ...]
    more: str


BANK = (
    Idea(
        "What does backpropagation compute?",
        "The derivative of one result, usually a loss, by every number that it is computed from.",
        (
            ("The weights with the smallest loss.", "that is training; backpropagation only tells the slopes to go by"),
            ("The error of each neuron's output against a target.",
             "inner neurons have no targets; each gets a slope: how the loss moves with it"),
            ("The result, from the last layer to the first.", "values are computed forward; gradients go backward"),
        ),
        "One forward pass for the values, one backward pass for all slopes.",
    ),
    Idea(
        "Why is it called backpropagation?",
        "Gradients travel from the result back to the inputs, against the direction of the computation.",
        (
            ("The inputs are computed from the outputs.", "no value is computed backward; only slopes go back"),
            ("The network is run in reverse order to undo its last update.", "nothing is undone; it only reads slopes"),
            ("It goes back over earlier training examples.", "it goes back through one computation, not through time"),
        ),
        "What travels is dL/d(node), which starts as dL/dL = 1 at the result.",
    ),
    Idea(
        "What is the chain rule's part in it?",
        "It says what one step does: local gradient times upstream gradient, added to the operand's gradient.",
        (
            ("It adds the local gradients along a path.", "along a path slopes are multiplied; paths are added"),
            ("It tells in which order the nodes are visited.", "the order comes from the graph, not from the rule"),
            ("It chooses the learning rate.", "the chain rule knows no learning rate; that belongs to the update"),
        ),
        "If y moves 3 times as fast as x, and L 2 times as fast as y, L moves 6 times as fast as x.",
    ),
    Idea(
        "What is a local gradient?",
        "The derivative of one operation's result by one of its operands, the other operands held.",
        (
            ("The derivative of the loss by that node.", "that is the node's gradient; local is one operation alone"),
            ("The gradient of the nearest layer.", "it is about one operation, however many layers there are"),
            ("The change of a weight in one update.", "that change is learning rate times gradient"),
        ),
        "For p = a * b the local gradients are b (by a) and a (by b).",
    ),
    Idea(
        "What is the upstream gradient of a step?",
        "The derivative of the result by the node that hands its gradient on.",
        (
            ("The derivative of the node by its operand.", "that is the local gradient, the other factor"),
            ("The gradient of the inputs.", "the inputs come last; upstream is nearer to the result"),
            ("Always 1.", "only the result's own gradient is 1"),
        ),
        "It must be complete before it is handed on.",
    ),
    Idea(
        "A number is used in two places. What is its gradient?",
        "The sum of what comes back from both places.",
        (
            ("The product of what comes back from both.", "products are along a path; paths that meet are added"),
            ("What comes back last.", "that is the mistake of writing = where += belongs"),
            ("The larger of the two.", "both uses move the result, so both count"),
        ),
        "That is why backpropagation adds to a gradient and never assigns it.",
    ),
    Idea(
        "What are the main steps of training with backpropagation?",
        "Forward pass, loss, backward pass, update; then again.",
        (
            ("Backward pass, forward pass, update, loss.", "slopes need the values of the forward pass first"),
            ("Loss, update, forward pass, backward pass.", "an update needs gradients, so it comes last"),
            ("Forward pass, update, loss, backward pass.", "the update would use gradients that are not there yet"),
        ),
        "Between two rounds the gradients are set to 0.",
    ),
    Idea(
        "Why are gradients set to 0 before the next backward pass?",
        "They accumulate: otherwise the old gradients would be added to the new ones.",
        (
            ("To free their memory.", "they keep their place; it is the sum that would be wrong"),
            ("Because the slope of the loss is 0 at the start.", "it rarely is; 0 is where a sum begins"),
            ("To keep them from exploding.", "zeroing does not limit their size; it begins a new sum"),
        ),
        "Leaving it out now and then is a way to add up several batches, on purpose.",
    ),
    Idea(
        "Why is the backward pass as cheap as a few forward passes, however many weights there are?",
        "Each edge of the graph is visited once, and all paths through it share that work.",
        (
            ("It takes only the largest weights.", "every weight gets its exact gradient"),
            ("It goes through each path once.", "there are far more paths than edges; it never lists them"),
            ("It estimates the slopes.", "they are exact, up to rounding"),
        ),
        "A node collects its gradient from all paths above it before it hands it on: paths are factored.",
    ),
    Idea(
        "In which order does the backward pass visit the nodes?",
        "Each node after all nodes that are computed from it: topological order, reversed.",
        (
            ("In any order, since addition commutes.", "a node that hands on too early hands on too little"),
            ("From the inputs to the result.", "that is the order of the forward pass"),
            ("Nodes with the largest gradient first.", "sizes do not matter; completeness does"),
        ),
        "A node's gradient is complete only when all its uses have reported.",
    ),
    Idea(
        "What is the gradient of the result by itself, and what is it good for?",
        "1; it is the seed from which all other gradients are multiplied.",
        (
            ("0, since the result does not change.", "it changes exactly as fast as itself: 1; with 0 all would be 0"),
            ("The result's own value.", "a slope, not a value: L moves once as fast as L"),
            ("The learning rate.", "the learning rate comes in only at the update"),
        ),
        "Another seed scales all gradients by it.",
    ),
    Idea(
        "What does a gradient of -3 on a weight say?",
        "A little more of this weight lowers the loss, 3 times as fast.",
        (
            ("The weight is 3 too small.", "it is a slope at this place, not a distance to the best place"),
            ("The weight is wrong and should be negative.", "it says nothing of the weight's own sign"),
            ("The loss is -3.", "it is how fast the loss moves, not where it is"),
        ),
        "Descent therefore raises the weight: it subtracts learning rate times -3.",
    ),
    Idea(
        "Why do gradients vanish in deep networks with sigmoids?",
        "Each layer multiplies by a slope of at most 1/4, and many small factors make almost 0.",
        (
            ("Rounding loses them.", "doubles reach 1e-308; the factors themselves are small"),
            ("Deep layers have no weights to learn.", "they have; what reaches them is a product of small slopes"),
            ("The loss becomes 0.", "the loss can be large while its slopes are tiny"),
        ),
        "Activations with slope 1, sensible first weights, and paths around layers help.",
    ),
    Idea(
        "What is a dead relu?",
        "A unit whose input is below 0 for all data: its slope is 0, so nothing before it learns.",
        (
            ("A unit with the output 0 for one example.", "that is ordinary; dead is 0 for all of them"),
            ("A unit whose weights are 0.", "weights can be large and the unit still be below 0 always"),
            ("A unit with an infinite gradient.", "the contrary: its gradient is 0"),
        ),
        "A zero factor on a path makes the whole product 0.",
    ),
    Idea(
        "Why does a network need an activation that is not linear?",
        "Linear layers on top of each other are together one linear layer.",
        (
            ("Without it there are no gradients.", "linear layers have gradients; they just add no power"),
            ("To keep numbers between 0 and 1.", "relu does not, and works"),
            ("To make the network faster.", "it costs time; it buys curves"),
        ),
        "Whatever the depth, W2 (W1 x) = (W2 W1) x.",
    ),
    Idea(
        "Why must the weights of a layer not all start equal?",
        "Units that compute the same get the same gradient, and stay the same for ever.",
        (
            ("Equal weights have no gradient.", "they have; it is the same for all of them"),
            ("The loss is infinite then.", "it is an ordinary number"),
            ("The chain rule fails.", "it holds; it just treats equal units equally"),
        ),
        "Random first weights break the symmetry.",
    ),
    Idea(
        "Forward mode or reverse mode for one loss and a million weights?",
        "Reverse: one pass gives all million slopes; forward mode needs a pass for each weight.",
        (
            ("Forward, since it needs no memory of the values.", "true of its memory, but it needs a million passes"),
            ("They cost the same.", "only where there are as many inputs as results"),
            ("Neither; differences are cheaper.", "differences need a million forward passes and are inexact"),
        ),
        "Forward mode wins with one input and many results.",
    ),
    Idea(
        "What must the forward pass keep for the backward pass?",
        "What the local gradients need: the values of operands or results.",
        (
            ("Nothing.", "the local gradient of a * b is b: the value must be there"),
            ("The gradients of the last step.", "they begin at 0 each time"),
            ("Only the loss.", "the loss alone does not tell the slopes inside"),
        ),
        "This is why training takes more memory than using a network.",
    ),
    Idea(
        "How can gradients be checked without the chain rule?",
        "Move a number a little both ways, and divide the change of the result by the change of the number.",
        (
            ("Run backpropagation twice and compare.", "the same mistake would come out twice"),
            ("See whether the loss falls.", "it often falls with wrong gradients, only worse"),
            ("Take the largest possible nudge, for exactness.", "a slope is about small nudges; too small is rounding"),
        ),
        "It costs two forward passes for each number: good for a check, too slow for training.",
    ),
    Idea(
        "What is the difference between backpropagation and gradient descent?",
        "Backpropagation computes slopes; gradient descent uses them to change the weights.",
        (
            ("None.", "one computes, the other decides: other optimisers use the same gradients otherwise"),
            ("Backpropagation is for deep networks, descent for shallow ones.", "both serve any depth"),
            ("Descent computes slopes; backpropagation changes weights.", "the other way round"),
        ),
        "The gradient is a fact about the loss; the learning rate is a choice.",
    ),
)  # fmt: skip


def make_idea_item(entry: Idea, random: Random) -> LetteredItem:
    """Make an item of a question, with its answers in a random order."""
    texts = [entry.answer, *(text for text, _ in entry.wrong)]
    random.shuffle(texts)
    letters = dict(zip(texts, ascii_lowercase, strict=False))
    return LetteredItem(
        topic=TOPIC,
        question=entry.question,
        solution=(entry.answer, entry.more),
        right=(letters[entry.answer],),
        wrong={letters[text]: why for text, why in entry.wrong},
        lettered=tuple(texts),
    )
