"""A student's XOR: gradients reset only for the output layer."""
# cause: stale-gradients
import random
from engine import Value

random.seed(1337)

class XORNet:
    def __init__(self):
        self.w1 = [[Value(random.random()*2-1) for _ in range(2)] for _ in range(3)]
        self.b1 = [Value(0) for _ in range(3)]
        self.w2 = [Value(random.random()*2-1) for _ in range(3)]
        self.b2 = Value(0)
    def __call__(self, x1, x2):
        hidden = []
        for i in range(3):
            z = self.w1[i][0]*x1 + self.w1[i][1]*x2 + self.b1[i]
            hidden.append(z.tanh())
        out = self.b2
        for i in range(3):
            out = out + self.w2[i]*hidden[i]
        return out.sigmoid()

net = XORNet()
train_data = [(0,0,0),(0,1,1),(1,0,1),(1,1,0)]
for it in range(40):
    total = 0
    for x1, x2, t in train_data:
        o = net(x1, x2)
        total = total + (o - t)**2
    for q in net.w2 + [net.b2]:
        q.grad = 0
    total.backward()
    lr = 0.5
    for i in range(3):
        for j in range(2):
            net.w1[i][j].data -= lr * net.w1[i][j].grad
        net.b1[i].data -= lr * net.b1[i].grad
        net.w2[i].data -= lr * net.w2[i].grad
    net.b2.data -= lr * net.b2.grad
    if it % 10 == 0:
        print(f"iteration {it} loss {total.data:.4f}")
