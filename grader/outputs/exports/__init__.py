"""Results for other systems, one module a system; `people` says who is who, `sheet` fills in a download."""
