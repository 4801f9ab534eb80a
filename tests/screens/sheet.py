"""Puts the pictures on one sheet: a row for each screen, a column for each of the eight ways."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tests.screens.variants import every

COLUMN, GAP, LABEL, TALLEST = 300, 12, 22, 600
GROUND, INK = "#d5dade", "#1d2a33"
FONT = "DejaVuSans.ttf"


def compose(folder: Path, target: Path) -> int:
    """`target` made from `folder`'s PNGs, each named SCREEN-VARIANT.png; how many screens it shows."""
    variants = list(every())
    ends = tuple(f"-{variant.name}.png" for variant in variants)
    names = sorted({file.name.removesuffix(end) for end in ends for file in folder.glob(f"*{end}")})
    rows = [[_thumbnail(folder / f"{name}{end}") for end in ends] for name in names]
    heights = [max((image.height for image in row if image), default=0) for row in rows]
    width = GAP + len(variants) * (COLUMN + GAP)
    sheet = Image.new("RGB", (width, 2 * LABEL + sum(height + LABEL + GAP for height in heights)), GROUND)
    draw, font = ImageDraw.Draw(sheet), ImageFont.truetype(FONT, 13)
    for column, variant in enumerate(variants):
        draw.text((GAP + column * (COLUMN + GAP), 12), variant.name, INK, font)
    top = 2 * LABEL
    for name, row, height in zip(names, rows, heights, strict=True):
        draw.text((GAP, top), name, INK, font)
        for column, image in enumerate(row):
            if image:
                sheet.paste(image, (GAP + column * (COLUMN + GAP), top + LABEL))
        top += height + LABEL + GAP
    sheet.save(target, optimize=True)
    return len(names)


def _thumbnail(file: Path) -> Image.Image | None:
    if not file.is_file():
        return None
    with Image.open(file) as image:
        picture = image.convert("RGB")
    small = picture.resize((COLUMN, round(picture.height * COLUMN / picture.width)), Image.Resampling.LANCZOS)
    return small.crop((0, 0, COLUMN, min(small.height, TALLEST)))  # the rest of a long page is in its own picture
