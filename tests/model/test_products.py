"""Products by either library agree with float64, in every layout."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ptbterm.model import products
from ptbterm.model.products import by_onednn, product
from ptbterm.model.random_streams import random_stream

sizes = st.tuples(*[st.integers(1, 40)] * 3)
layouts = st.tuples(st.booleans(), st.booleans())


pytestmark = pytest.mark.usefixtures("library")


def matrix(rows: int, columns: int, *, transposed: bool = False) -> torch.Tensor:
    stream = random_stream(rows * 100 + columns, "matrix")
    if transposed:
        return torch.rand(columns, rows, generator=stream).t()
    return torch.rand(rows, columns, generator=stream)


def close(found: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-6)


@given(sizes, layouts)
def test_products(sizes: tuple[int, int, int], layouts: tuple[bool, bool]) -> None:
    rows, inner, columns = sizes
    left, right = matrix(rows, inner, transposed=layouts[0]), matrix(inner, columns, transposed=layouts[1])
    bias, other = matrix(1, columns)[0], matrix(rows, columns)
    expected = left.double() @ right.double()
    close(product(left, right), expected)
    close(product(left, right, plus=bias), expected + bias)
    close(product(left, right, plus=other), expected + other)
    out = torch.full((rows, columns), torch.nan)
    assert product(left, right, plus=bias, out=out) is out
    close(out, expected + bias)
    close(product(left, right, out=out), expected)
    product(left, right, plus=out, out=out)
    close(out, 2 * expected)


def test_a_gradient_is_never_lost() -> None:
    weight = matrix(3, 4).requires_grad_()
    assert not by_onednn(matrix(2, 3), weight)
    assert product(matrix(2, 3), weight).requires_grad
    with torch.no_grad():
        assert by_onednn(matrix(2, 3), weight) == products.onednn_is_faster()
    assert not by_onednn(matrix(2, 3).double(), matrix(3, 4).double())
