"""Ideas: a bank of questions on what backpropagation is, and on common misconceptions."""

from __future__ import annotations

from random import Random
from string import ascii_lowercase
from typing import NamedTuple

from .item import LetteredItem

TOPIC = "ideas"


class Idea(NamedTuple):
    """A question on an idea of backpropagation."""

    question: str
    answer: str
    more: str  # an addition to the answer
    wrong: list[tuple[str, str]]  # common wrong answers, each with what is wrong with it


BANK = [Idea(question, answer, more, wrong) for question, answer, more, *wrong in (
    ("What does backpropagation compute?",
     "The derivative of one result, usually a loss, with respect to every number it is computed from.",
     "One forward pass computes the values, one backward pass all slopes.",
     ("The weights with the smallest loss.", "That is training; backpropagation only computes the slopes."),
     ("The error of each neuron's output against a target.",
      "Inner neurons have no targets; each gets a slope: how fast the loss changes with it."),
     ("The result, from the last layer to the first.", "Values are computed forward; gradients go backward.")),
    ("Why is it called backpropagation?",
     "Gradients travel from the result back to the inputs, against the direction of the computation.",
     "What travels is dL/d(node), which starts as dL/dL = 1 at the result.",
     ("The inputs are computed from the outputs.", "No value is computed backward; only gradients go back."),
     ("The network is run in reverse to undo its last update.", "Nothing is undone; only slopes are computed."),
     ("It goes back over earlier training examples.", "It goes back through one computation, not through time.")),
    ("What does the chain rule do in backpropagation?",
     "It gives one step: local gradient times upstream gradient, added to the operand's gradient.",
     "If y changes 3 times as fast as x, and L 2 times as fast as y, then L changes 6 times as fast as x.",
     ("It adds the local gradients along a path.",
      "Local gradients along a path are multiplied; contributions of different paths are added."),
     ("It determines the order in which the nodes are visited.", "The order comes from the graph."),
     ("It chooses the learning rate.", "The learning rate belongs to the update, not to the gradient.")),
    ("What is a local gradient?",
     "The derivative of one operation's result with respect to one of its operands, with the others fixed.",
     "For p = a * b, the local gradients are ∂p/∂a = b and ∂p/∂b = a.",
     ("The derivative of the loss with respect to that node.",
      "That is the node's gradient; a local gradient concerns one operation alone."),
     ("The gradient of the nearest layer.", "It concerns one operation, however many layers there are."),
     ("The change of a weight in one update.", "That change is the learning rate times the gradient.")),
    ("What is the upstream gradient of a step?",
     "The derivative of the result with respect to the node that passes its gradient on.",
     "It must be complete before it is passed on.",
     ("The derivative of the node with respect to its operand.", "That is the local gradient."),
     ("The gradient of the inputs.", "The inputs come last; upstream is nearer to the result."),
     ("Always 1.", "Only the gradient of the result itself is 1.")),
    ("A number is used in two places. What is its gradient?",
     "The sum of the contributions from both places.",
     "That is why backpropagation adds to a gradient and never assigns it.",
     ("The product of the contributions.", "Factors along a path are multiplied; paths that meet are added."),
     ("The last contribution.", "That is the mistake of writing = instead of +=."),
     ("The larger of the two.", "Both uses change the result, so both count.")),
    ("What are the main steps of training with backpropagation?",
     "Forward pass, loss, backward pass, update; then again.",
     "Between two rounds, the gradients are set to 0.",
     ("Backward pass, forward pass, update, loss.", "The slopes need the values of the forward pass first."),
     ("Loss, update, forward pass, backward pass.", "An update needs gradients, so it comes last."),
     ("Forward pass, update, loss, backward pass.", "The gradients for the update would not exist yet.")),
    ("Why are gradients set to 0 before the next backward pass?",
     "They accumulate: otherwise the new gradients would be added to the old ones.",
     "Leaving it out on purpose is a way to add up the gradients of several batches.",
     ("To free their memory.", "They keep their memory; it is the sum that would be wrong."),
     ("Because the slope of the loss is 0 at the start.", "It rarely is; 0 is where a sum begins."),
     ("To keep them from exploding.", "Zeroing does not limit their size; it begins a new sum.")),
    ("Why does the backward pass cost no more than a few forward passes, however many weights there are?",
     "Each edge of the graph is visited once, and all paths through it share that work.",
     "A node adds up the contributions of all paths above it and passes the sum on once.",
     ("It takes only the largest weights.", "Every weight gets its exact gradient."),
     ("It follows each path once.", "There are far more paths than edges; it never lists them."),
     ("It estimates the slopes.", "They are exact, up to rounding.")),
    ("In which order does the backward pass visit the nodes?",
     "Each node after all nodes that are computed from it: in reverse topological order.",
     "A node's gradient is complete only when all its uses have contributed.",
     ("In any order, since addition commutes.", "If a gradient is passed on too early, a part is missing."),
     ("From the inputs to the result.", "That is the order of the forward pass."),
     ("Nodes with the largest gradient first.", "Sizes do not matter; completeness does.")),
    ("What is the gradient of the result with respect to itself, and what is it for?",
     "1; it is the seed by which all other gradients are multiplied.",
     "Another seed scales all gradients by it.",
     ("0, since the result does not change.", "It changes exactly as fast as itself; with 0, all would be 0."),
     ("The result's own value.", "A gradient is a slope, not a value: L changes as fast as L."),
     ("The learning rate.", "The learning rate is used only in the update.")),
    ("What does a gradient of -3 on a weight mean?",
     "A small increase of the weight lowers the loss, 3 times as fast.",
     "Descent therefore increases the weight: it subtracts the learning rate times -3.",
     ("The weight is 3 too small.", "It is a slope at this point, not a distance to the best one."),
     ("The weight is wrong and should be negative.", "It says nothing about the weight's own sign."),
     ("The loss is -3.", "It is how fast the loss changes, not its value.")),
    ("Why do gradients vanish in deep networks with sigmoids?",
     "Each layer multiplies by a slope of at most 1/4, and many small factors make almost 0.",
     "Activations with slope 1, suitable initial weights, and paths around layers help.",
     ("Rounding loses them.", "Doubles reach 1e-308; the factors themselves are small."),
     ("Deep layers have no weights to learn.", "They do; what reaches them is a product of small slopes."),
     ("The loss becomes 0.", "The loss can be large while its slopes are tiny.")),
    ("What is a dead relu?",
     "A unit whose input is below 0 for all data: its slope is 0, so nothing before it learns from it.",
     "A factor of 0 on a path makes the whole product 0.",
     ("A unit with the output 0 for one example.", "That is ordinary; a dead one has 0 for all of them."),
     ("A unit whose weights are 0.", "The weights can be large and the input still below 0."),
     ("A unit with an infinite gradient.", "The opposite: its gradient is 0.")),
    ("Why does a network need an activation that is not linear?",
     "Several linear layers together are just one linear layer.",
     "Whatever the depth, W2 (W1 x) = (W2 W1) x.",
     ("Without it there are no gradients.", "Linear layers have gradients; depth adds no power to them."),
     ("To keep numbers between 0 and 1.", "relu does not, and it works."),
     ("To make the network faster.", "It costs time; what it adds is curves.")),
    ("Why must the weights of a layer not all start equal?",
     "Units that compute the same get the same gradient, and stay the same forever.",
     "Random initial weights break the symmetry.",
     ("Equal weights have no gradient.", "They do; it is the same for all of them."),
     ("The loss is infinite then.", "It is an ordinary number."),
     ("The chain rule fails.", "It holds; it just treats equal units equally.")),
    ("Forward mode or reverse mode for one loss and a million weights?",
     "Reverse: one pass gives all million slopes; forward mode needs a pass for each weight.",
     "Forward mode wins with one input and many results.",
     ("Forward, since it does not store the values.", "It saves memory, but it needs a million passes."),
     ("They cost the same.", "Only with as many inputs as results."),
     ("Neither; finite differences are cheaper.", "They need a million forward passes and are inexact.")),
    ("What must the forward pass store for the backward pass?",
     "What the local gradients need: the values of operands or results.",
     "This is why training a network takes more memory than using it.",
     ("Nothing.", "The local gradient ∂(a * b)/∂a is b: its value must be there."),
     ("The gradients of the last step.", "They start from 0 each time."),
     ("Only the loss.", "The loss alone does not determine the slopes inside.")),
    ("How can gradients be checked without the chain rule?",
     "Change a number a little both ways, and divide the change of the result by the change of the number.",
     "It costs two forward passes for each number: good for a check, too slow for training.",
     ("Run backpropagation twice and compare.", "The same mistake would occur twice."),
     ("See whether the loss falls.", "It often falls with wrong gradients, too, only more slowly."),
     ("Take the largest possible nudge.", "A slope is the limit for small nudges.")),
    ("What is the difference between backpropagation and gradient descent?",
     "Backpropagation computes slopes; gradient descent uses them to change the weights.",
     "The gradient is a fact about the loss; the learning rate is a choice.",
     ("None.", "One computes, the other decides: other optimisers use the same gradients differently."),
     ("Backpropagation is for deep networks, descent for shallow ones.", "Both work for any depth."),
     ("Descent computes slopes; backpropagation changes weights.", "It is the other way round.")),
)]  # fmt: skip


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
