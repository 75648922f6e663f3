"""A document as a page of HTML on its own, for the screen and for printing."""

from html import escape

HTML = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 11.5pt/1.45 Georgia, "DejaVu Serif", serif; max-width: 17cm; margin: 1.5cm auto; padding: 0 0.5cm; }}
h1 {{ font-size: 17pt; margin: 0 0 0.2cm; }}
h2 {{ font-size: 12pt; margin: 0 0 0.1cm; }}
header {{ border-bottom: 1.5pt solid #000; margin-bottom: 0.8cm; padding-bottom: 0.2cm; }}
header p {{ display: flex; justify-content: space-between; }}
section {{ break-inside: avoid; margin-bottom: 0.7cm; }}
code, pre {{ font: 10.5pt/1.5 "DejaVu Sans Mono", Menlo, Consolas, monospace; }}
pre {{ white-space: pre-wrap; margin: 0.1cm 0; padding-left: 0.3cm; border-left: 2pt solid #9ab; }}
p {{ margin: 0; }}
h3 {{ font-size: 12pt; margin: 0.5cm 0 0.1cm; }}
table {{ border-collapse: collapse; margin: 0.3cm 0; display: block; overflow-x: auto; white-space: nowrap; }}
td, th {{ padding: 0.05cm 0.25cm; text-align: left; border-bottom: 0.5pt solid #ccc; }}
td {{ font-variant-numeric: tabular-nums; }}
.blank {{ border-bottom: 0.5pt solid #777; height: 0.8cm; }}
@page {{ size: A4; margin: 1.5cm; }}
@media print {{ body {{ margin: 0 auto; }} }}
</style>
</head>
<body>
<header><h1>{title}</h1>{head}</header>
{body}
</body>
</html>
"""


def write_page(title: str, head: str, body: str) -> str:
    """Return a page.

    Args:
        title: its title, as text.
        head: what stands below the title, in HTML.
        body: the content, in HTML.
    """
    return HTML.format(title=escape(title), head=head, body=body)
