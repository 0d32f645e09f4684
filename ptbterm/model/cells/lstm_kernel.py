"""One LSTM layer trained over time on a CPU: forward and gradient written out, in memory kept from step to step.

torch's autograd allocates every gate of every step again and takes each gradient step by step; here products are
in place, and everything that does not depend on the step before is computed for all steps at once. On CUDA, where
each operation is a launch, cuDNN's kernel is faster. Tested against torch's own.
"""

from typing import Any

import torch

from ptbterm.model.products import product

_sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input
_tanh_backward = torch.ops.aten.tanh_backward.grad_input


class Workspace:
    """The memory of one layer for a window and its gradient, and views of it by step, which are slow to create."""

    def __init__(self) -> None:
        self._fits: tuple[object, ...] = ()

    def fit(self, steps: int, batch: int, size: int, like: torch.Tensor) -> None:
        """Allocate memory for a window of that shape, of the type and device of `like`, unless it fits."""
        shape = (steps, batch, size, like.dtype, like.device)
        if shape == self._fits:
            return
        self._fits = shape

        self.gates, self.grad_gates = like.new_empty(2, steps, batch, 4 * size).unbind(0)
        self.hs, self.cs = like.new_empty(2, steps + 1, batch, size).unbind(0)
        self.tanh_cs, self.dh_dc = like.new_empty(2, steps, batch, size).unbind(0)
        self.grad_h, self.grad_c = like.new_empty(2, batch, size).unbind(0)

        self.i, self.f, self.j, self.o = torch.split(self.gates, size, dim=2)
        self.grad_i, self.grad_f, self.grad_j, self.grad_o = torch.split(self.grad_gates, size, dim=2)
        forward = (
            self.gates,
            self.gates[:, :, : 2 * size],
            *(self.i, self.f, self.j, self.o),
            *(self.hs[:-1], self.cs[:-1], self.tanh_cs, self.hs[1:], self.cs[1:]),
        )
        of_c = self.grad_gates[:, :, : 3 * size].view(steps, batch, 3, size)
        backward = (self.dh_dc, of_c, self.grad_o, self.f, self.grad_gates)
        self.forward_steps = list(zip(*(tensor.unbind(0) for tensor in forward), strict=True))
        self.backward_steps = list(zip(*(tensor.unbind(0) for tensor in backward), strict=True))[::-1]


def lstm(
    inputs: torch.Tensor,
    h: torch.Tensor,
    c: torch.Tensor,
    kernel: torch.Tensor,
    bias: torch.Tensor,
    workspace: Workspace,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Read inputs (steps, batch, input) from h and c (batch, hidden); return outputs (steps, batch, hidden), h, c.

    `kernel` is (input + hidden, 4 * hidden), `bias` (4 * hidden), in the order of gates i, f, j, o. No gradient
    flows into h and c, nor out of the last ones: back-propagation is truncated there. The gradient must be taken
    before the workspace is used again; autograd refuses it afterwards.
    """
    outputs: torch.Tensor
    outputs, c = _LSTM.apply(inputs, h, c, kernel, bias, workspace)  # type: ignore[no-untyped-call]
    return outputs, outputs[-1].detach(), c


class _LSTM(torch.autograd.Function):
    """c' = f * c + i * j, h = o * tanh(c'), with i, f, o = sigmoid and j = tanh of [input, h] @ kernel + bias."""

    @staticmethod
    def forward(
        ctx: Any,
        inputs: torch.Tensor,
        h: torch.Tensor,
        c: torch.Tensor,
        kernel: torch.Tensor,
        bias: torch.Tensor,
        space: Workspace,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        steps, batch, input_size = inputs.shape
        space.fit(steps, batch, h.shape[1], inputs)
        input_rows, hidden_rows = kernel[:input_size], kernel[input_size:]
        rows = inputs.reshape(-1, input_size)
        product(rows, input_rows, plus=bias, out=space.gates.view(len(rows), -1))
        space.hs[0], space.cs[0] = h, c
        for gates, i_and_f, i, f, j, o, h_before, c_before, tanh_c, h_after, c_after in space.forward_steps:
            product(h_before, hidden_rows, plus=gates, out=gates)
            i_and_f.sigmoid_()
            j.tanh_()
            o.sigmoid_()
            torch.mul(f, c_before, out=c_after).addcmul_(i, j)
            torch.mul(o, torch.tanh(c_after, out=tanh_c), out=h_after)
        outputs, last_c = space.hs[1:].clone(), space.cs[-1].clone()
        ctx.save_for_backward(rows, kernel, space.gates)
        ctx.space = space
        ctx.mark_non_differentiable(last_c)
        return outputs, last_c

    @staticmethod
    def backward(ctx: Any, grad_outputs: torch.Tensor, _: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        rows, kernel, _gates = ctx.saved_tensors  # raises if the workspace was used again
        space: Workspace = ctx.space
        steps, batch, size = grad_outputs.shape
        input_rows, hidden_rows = kernel[: rows.shape[1]], kernel[rows.shape[1] :]

        # First d c / d (i, f, j before their nonlinearity) and d h / d (o before its), for all steps at once ...
        _sigmoid_backward(space.j, space.i, grad_input=space.grad_i)
        _sigmoid_backward(space.cs[:-1], space.f, grad_input=space.grad_f)
        _tanh_backward(space.i, space.j, grad_input=space.grad_j)
        _sigmoid_backward(space.tanh_cs, space.o, grad_input=space.grad_o)
        _tanh_backward(space.o, space.tanh_cs, grad_input=space.dh_dc)

        # ... then, from the last step to the first, times the gradients of c and h there.
        hidden_columns, (*earlier, last) = hidden_rows.t(), grad_outputs.unbind(0)
        grad_h, grad_c = space.grad_h.copy_(last), space.grad_c.zero_()
        grad_c_of_each = grad_c[:, None]
        for dh_dc, of_c, grad_o, f, grad_gates in space.backward_steps:
            grad_c.addcmul_(grad_h, dh_dc)
            of_c.mul_(grad_c_of_each)
            grad_o.mul_(grad_h)
            if earlier:
                grad_c.mul_(f)
                product(grad_gates, hidden_columns, plus=earlier.pop(), out=grad_h)

        grad_rows = space.grad_gates.view(-1, 4 * size)
        grad_kernel = torch.empty_like(kernel)
        product(rows.t(), grad_rows, out=grad_kernel[: rows.shape[1]])
        product(space.hs[:-1].view(-1, size).t(), grad_rows, out=grad_kernel[rows.shape[1] :])
        grad_inputs = product(grad_rows, input_rows.t()).view(steps, batch, -1)
        return grad_inputs, None, None, grad_kernel, grad_rows.sum(0), None
