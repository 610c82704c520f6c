"""Sixty texts that would run something, load something or change the page if they were treated as markup."""

from __future__ import annotations

# Each tries to set `window.hacked`, to open a dialog, or to load something with "vektor" in its address.
_HIT = "window.hacked=1"
_LOAD = "/assets/vektor"

VECTORS: tuple[str, ...] = (
    # script elements
    f"<script>{_HIT}</script>",
    f"<SCRIPT SRC={_LOAD}.js></SCRIPT>",
    f"</script><script>{_HIT}</script>",
    f"<script type=module>import '{_LOAD}.js'</script>",
    f"<scr<script>ipt>{_HIT}</scr</script>ipt>",
    f"<script\x0c>{_HIT}</script >",
    f"<noscript><p title='</noscript><img src=x onerror={_HIT}>'>",
    f"<template><script>{_HIT}</script></template>",
    f"--><script>{_HIT}</script><!--",
    f"<![CDATA[<script>{_HIT}</script>]]>",
    # event handlers
    f"<img src=x onerror={_HIT}>",
    f'"><img src={_LOAD}.png onerror="{_HIT}">',
    f"'><img src=x onerror='{_HIT}'>",
    f'" onmouseover="{_HIT}" x="',
    f"' autofocus onfocus='{_HIT}' x='",
    f"<input autofocus onfocus={_HIT}>",
    f"<details open ontoggle={_HIT}>x</details>",
    f"<body onload={_HIT}>",
    f"<video src={_LOAD}.mp4 onerror={_HIT}></video>",
    f"<audio src=x onerror={_HIT}>",
    f"<marquee onstart={_HIT}>x</marquee>",
    f"<select autofocus onfocus={_HIT}>",
    f"<div onpointerenter={_HIT} style='position:fixed;inset:0'>x</div>",
    f'<iframe srcdoc="<script>parent.{_HIT}</script>"></iframe>',
    f"<img/src/onerror={_HIT}>",
    f"<x onclick={_HIT} tabindex=1 id=x>x</x>",
    # SVG and MathML
    f"<svg onload={_HIT}>",
    f"<svg><script>{_HIT}</script></svg>",
    f"<svg><animate onbegin={_HIT} attributeName=x dur=1s>",
    f"<svg><a xlink:href='javascript:{_HIT}'><text y=20>x</text></a></svg>",
    f"<svg><use href='{_LOAD}.svg#x'/></svg>",
    f"<svg><image href='{_LOAD}.svg'/></svg>",
    f"<svg><foreignObject><img src=x onerror={_HIT}></foreignObject></svg>",
    f"<math><mi xlink:href='javascript:{_HIT}'>x</mi></math>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={_HIT}>",
    # addresses
    f"javascript:{_HIT}",
    f"<a href='javascript:{_HIT}'>x</a>",
    f"<a href='java\tscript:{_HIT}'>x</a>",
    f"<a href='data:text/html,<script>opener.{_HIT}</script>'>x</a>",
    "<object data='data:text/html;base64,PHNjcmlwdD50b3AuaGFja2VkPTE8L3NjcmlwdD4='></object>",
    f"<iframe src='javascript:parent.{_HIT}'></iframe>",
    f"<embed src='{_LOAD}.swf'>",
    f"<base href='{_LOAD}/'>",
    f"<form action='javascript:{_HIT}'><button>x</button></form>",
    f"<meta http-equiv=refresh content='0;url={_LOAD}.html'>",
    f"<link rel=stylesheet href={_LOAD}.css>",
    # Markdown
    f"![x]({_LOAD}.png)",
    f"[x](javascript:{_HIT})",
    f'![x]({_LOAD}.png"onerror="{_HIT})',
    f"<javascript:{_HIT}>",
    f"[x]: javascript:{_HIT}\n[x]",
    f"```html\n<img src=x onerror={_HIT}>\n```",
    # entities, templates, formulas
    "&lt;img src=x onerror=window.hacked=1&gt;",
    f"&#60;script&#62;{_HIT}&#60;/script&#62;",
    "${window.hacked=1}",
    "{{constructor.constructor('window.hacked=1')()}}",
    "<%= window.hacked=1 %> #{window.hacked=1} {% raw %}",
    f"$\\href{{javascript:{_HIT}}}{{x}}$ $$\\includegraphics{{{_LOAD}.png}}$$",
    # styles, and characters that reverse the direction of the text
    f"<style>*{{background:url({_LOAD}.png)}}</style><p style='background:url({_LOAD}2.png)'>x</p>",
    f"\u202e>tpircs<\u202c \u2066<img src=x onerror={_HIT}>\u2069\u200f\ufeff.",
)
