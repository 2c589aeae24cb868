"""The host inside a Kit app: every module here is imported only there, `triangle_floor` and `annotators` anywhere."""
