"""Keep the newest purchases: core.md §3.2 (5) and the table of scenes in §3.9, as plain lists."""

from tests.checker.identity import Facts


RECENT_MAX = 16
AMOUNT_MAX = 2**40 - 1

SCENES = (
    ("other", ""),
    ("groceries", "5411-5499 5921"),
    ("dining", "5811-5814"),
    ("travel", "3000-3999 4411-4582 4722-4723 5962 7011-7033 7512-7519"),
    ("fuel", "5172 5541-5542 5552"),
    ("transport", "4011-4118 4121-4131 4784-4789 7523-7524"),
    (
        "shopping",
        (
            "4812 5013-5020 5040-5046 5048-5071 5075-5121 5123-5171 5173-5197 5199"
            " 5262 5300-5399 5511-5540 5551 5561-5699 5732-5735 5931-5961 5963-5974"
            " 5977-5982 5992-5999"
        ),
    ),
    ("entertainment", "7829-7999"),
    ("health", "4119 5047 5122 5912 5975-5976 8011-8099"),
    ("education", "8211-8351"),
    ("utilities", "4813-4815 4821 4900 5983"),
    ("digital", "4816 4899 5815-5818"),
    ("home", "1520-1799 5021-5039 5072-5074 5198 5200-5261 5271 5712-5722 6513"),
    (
        "services",
        "0742-0780 2741-2842 4214-4225 6300 7210-7399 7531-7699 8111 8734-8999 9402",
    ),
)
"""Each scene, by its number, and the merchant category codes that mean it."""


def keep_recent(recent: list[list[int]], event: Facts, at: int) -> list[int]:
    """Add a purchase [time, scene, currency, amount]; return the scene of the one that leaves."""
    first, second, third = (ord(letter) - 65 for letter in event["currency"])
    currency = first * 676 + second * 26 + third
    scene = scene_number(event.get("scene", ""), event.get("mcc", ""))
    recent.append([at, scene, currency, min(event["amount_minor"], AMOUNT_MAX)])
    recent.sort()
    leaving = [one[1] for one in recent[:-RECENT_MAX]]
    del recent[:-RECENT_MAX]
    return leaving


def scene_number(label: str, mcc: str) -> int:
    """Return the number of the scene that is named, else of the code's, else 0."""
    for number, (name, _) in enumerate(SCENES):
        if label == name:
            return number
    if len(mcc) != 4 or any(digit not in "0123456789" for digit in mcc):
        return 0
    for number, (_, ranges) in enumerate(SCENES):
        for written in ranges.split():
            first, _, last = written.partition("-")
            if first <= mcc <= (last or first):
                return number
    return 0


def packed(recent: list[list[int]]) -> bytes:
    """Return the purchases as a row has them: 6, 1, 2 and 5 bytes each."""
    return b"".join(
        number.to_bytes(width, "big")
        for purchase in recent
        for number, width in zip(purchase, (6, 1, 2, 5), strict=True)
    )
