"""Lets SGLang start on a CPU: PyPI's torchvision is built for CUDA and wants operators that CPU torch lacks.

Only the schemas that the import looks up are declared; no image operation works. Beside a torch that is built for CUDA
too, torchvision declares them itself.
"""

import importlib.abc
import sys

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


class _DeclareOperators(importlib.abc.MetaPathFinder):
    """Declares the operators just before torchvision is imported, once."""

    def __init__(self) -> None:
        self.library = None

    def find_spec(self, fullname, path=None, target=None):
        if fullname == "torchvision" and self.library is None:
            import torch

            if torch.version.cuda is None:
                self.library = torch.library.Library("torchvision", "DEF")
                for schema in _SCHEMAS:
                    self.library.define(schema)


sys.meta_path.insert(0, _DeclareOperators())
