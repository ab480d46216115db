"""What may be chosen: params on their scales, and the space they make."""

from tunesmith.space.params import Choice, Float, Int, Param
from tunesmith.space.scales import LINEAR, LOG, LOG1M, Scale
from tunesmith.space.space import Space

__all__ = ["LINEAR", "LOG", "LOG1M", "Choice", "Float", "Int", "Param", "Scale", "Space"]
