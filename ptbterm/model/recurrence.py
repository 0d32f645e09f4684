"""One LSTM layer over time on a CPU, its gradient written out: the products in place, everything else at once.

For wide layers this takes about 0.6 of the time of torch's own CPU kernel (docs/performance.md); on CUDA, where
each operation is a launch, cuDNN's kernel is the one to use. It is tested against that of torch.
"""

from typing import Any

import torch

_sigmoid_backward = torch.ops.aten.sigmoid_backward.grad_input
_tanh_backward = torch.ops.aten.tanh_backward.grad_input


def lstm(
    inputs: torch.Tensor, h: torch.Tensor, c: torch.Tensor, kernel: torch.Tensor, bias: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """From inputs (steps, batch, input), h and c (batch, hidden) to outputs, h and c of like shapes.

    `kernel` is (input + hidden, 4 * hidden), `bias` (4 * hidden), in the order of gates i, f, j, o. No gradient
    flows into h and c, nor out of the last ones: back-propagation is truncated there.
    """
    outputs: torch.Tensor
    outputs, c = _LSTM.apply(inputs, h, c, kernel, bias)  # type: ignore[no-untyped-call]
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
    ) -> tuple[torch.Tensor, torch.Tensor]:
        steps, batch, input_size = inputs.shape
        size = h.shape[1]
        input_rows, hidden_rows = kernel[:input_size], kernel[input_size:]
        gates = torch.addmm(bias, inputs.reshape(-1, input_size), input_rows).view(steps, batch, 4 * size)
        hs, cs = (torch.cat([first[None], gates.new_empty(steps, batch, size)]) for first in (h, c))
        tanh_cs = torch.empty_like(cs[1:])
        for step, gate in enumerate(gates.unbind(0)):
            gate.addmm_(hs[step], hidden_rows)
            i, f, j, o = torch.split(gate, size, dim=1)
            gate[:, : 2 * size].sigmoid_()
            j.tanh_()
            o.sigmoid_()
            torch.mul(f, cs[step], out=cs[step + 1]).addcmul_(i, j)
            torch.mul(o, torch.tanh(cs[step + 1], out=tanh_cs[step]), out=hs[step + 1])
        ctx.save_for_backward(inputs, kernel, gates, hs, cs, tanh_cs)
        last_c = cs[-1].clone()
        ctx.mark_non_differentiable(last_c)
        return hs[1:], last_c

    @staticmethod
    def backward(ctx: Any, grad_outputs: torch.Tensor, _: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        inputs, kernel, gates, hs, cs, tanh_cs = ctx.saved_tensors
        steps, batch, input_size = inputs.shape
        size = hs.shape[2]
        i, f, j, o = torch.split(gates, size, dim=2)

        # First d c / d (i, f, j before their nonlinearity) and d h / d (o before its), for all steps at once ...
        grad_gates = torch.empty_like(gates)
        grad_i, grad_f, grad_j, grad_o = torch.split(grad_gates, size, dim=2)
        _sigmoid_backward(j, i, grad_input=grad_i)
        _sigmoid_backward(cs[:-1], f, grad_input=grad_f)
        _tanh_backward(i, j, grad_input=grad_j)
        _sigmoid_backward(tanh_cs, o, grad_input=grad_o)
        dh_dc = torch.ops.aten.tanh_backward(o, tanh_cs)

        # ... then, from the last step to the first, times the gradients of c and h there.
        hidden_columns = kernel[input_size:].t()
        grad_h, grad_c = grad_outputs[-1].clone(), torch.zeros_like(cs[0])
        of_c = grad_gates[:, :, : 3 * size].view(steps, batch, 3, size)
        for step in range(steps - 1, -1, -1):
            grad_c.addcmul_(grad_h, dh_dc[step])
            of_c[step].mul_(grad_c[:, None])
            grad_o[step].mul_(grad_h)
            if step:
                grad_c.mul_(f[step])
                torch.addmm(grad_outputs[step - 1], grad_gates[step], hidden_columns, out=grad_h)

        rows, grad_rows = inputs.reshape(-1, input_size), grad_gates.view(-1, 4 * size)
        grad_kernel = torch.empty_like(kernel)
        torch.mm(rows.t(), grad_rows, out=grad_kernel[:input_size])
        torch.mm(hs[:-1].reshape(-1, size).t(), grad_rows, out=grad_kernel[input_size:])
        grad_inputs = torch.mm(grad_rows, kernel[:input_size].t()).view_as(inputs)
        return grad_inputs, None, None, grad_kernel, grad_rows.sum(0)
