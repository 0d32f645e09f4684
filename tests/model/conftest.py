"""Forces each of the two matrix libraries in turn, so that both are tested on any processor."""

from collections.abc import Iterator

import pytest

from ptbterm.model import products


@pytest.fixture(scope="module", params=["MKL", "oneDNN"])
def library(request: pytest.FixtureRequest) -> Iterator[None]:
    if request.param == "oneDNN" and not products.has_onednn():
        pytest.skip("torch has no oneDNN here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(products, "onednn_is_faster", lambda: request.param == "oneDNN")
        yield
