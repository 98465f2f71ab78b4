"""Fonts that have the letters of a language, of the systems that have one."""

FONTS = {
    "ja": (
        "Hiragino Sans",
        "Yu Gothic",
        "Meiryo",
        "Noto Sans CJK JP",
        "Noto Sans JP",
        "IPAexGothic",
        "sans-serif",
    ),
}
