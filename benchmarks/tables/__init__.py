"""Networks that Tunesmith fits on real tables, beside what people pick instead."""
