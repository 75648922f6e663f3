"""What every drawing and viewer of a graph begins with: the nodes and edges below a root."""

from micrograd.engine import Value


def trace(root):
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


x = Value(1.5)
y = (x * 2 + 1).relu() ** 2 - x / 3
y.backward()
nodes, edges = trace(y)
print(len(nodes), len(edges))
for node in sorted(nodes, key=lambda n: (n.data, n._op)):
    print("{ data %.4f | grad %.4f }" % (node.data, node.grad), node._op or "-", len(node._prev))

order, seen = [], set()


def topo(v):
    if v not in seen:
        seen.add(v)
        for child in v._prev:
            topo(child)
        order.append(v)


topo(y)
for node in order:
    node.grad = 0
y.grad = 1
for node in reversed(order):
    node._backward()
print(f"{x.grad:.10f}", order[-1] is y)
