//! The page's style: tokens only, light and dark by what the reader prefers.

use keelmark_charts::{Theme, css_variables, tokens};

pub(crate) fn style() -> String {
    let (light, dark) = (css_variables(Theme::Light), css_variables(Theme::Dark));
    let family = |name: &str| tokens().family.get(name).map_or("sans-serif", String::as_str);
    let (text, mono) = (family("text"), family("mono"));
    format!(
        ":root{{color-scheme:light dark;--text:{text};--mono:{mono};{light}}}\n\
         @media(prefers-color-scheme:dark){{:root{{{dark}}}}}\n{RULES}"
    )
}

const RULES: &str = "
*{box-sizing:border-box}
body{margin:0;background:var(--canvas);color:var(--ink);font:13px/20px var(--text);font-variant-numeric:tabular-nums}
main{max-width:1240px;margin:0 auto;padding:20px 24px 48px}
h1,h2,h3,p{margin:0}
h1{font-size:18px;line-height:24px;font-weight:600}
h2{font-size:13px;line-height:20px;font-weight:600;margin-bottom:8px}
h3{font-size:13px;line-height:20px;font-weight:500;color:var(--ink-2);margin-bottom:4px}
.aside{font-weight:400;color:var(--ink-3);margin-left:4px}
code,.mono{font:12px/16px var(--mono)}
.head{display:flex;gap:12px;align-items:center;flex-wrap:wrap;margin-bottom:16px}
.head svg{width:24px;height:24px;flex:none}
.sides{display:flex;gap:8px;margin-left:auto;flex-wrap:wrap}
.side{display:inline-flex;gap:8px;align-items:center;min-height:32px;padding:4px 12px;border:1px solid var(--line);border-radius:6px;background:var(--surface)}
.side b{font-weight:600}
.side i{display:inline-block;width:20px;border-top:2px dashed var(--baseline)}
.side.b i{border-top:2px solid var(--accent)}
.side code{color:var(--ink-3)}
.verdict{display:flex;gap:12px;align-items:baseline;padding:12px 16px;border-radius:8px;font-size:15px;line-height:20px;border:1px solid var(--line);background:var(--surface)}
.verdict.ready{background:var(--better-ground);border-color:transparent}
.verdict.blocked{background:var(--danger-ground);border-color:transparent}
.verdict.warned{background:var(--warn-ground);border-color:transparent}
.word{font-weight:600;white-space:nowrap}
.ready .word{color:var(--better)}.blocked .word{color:var(--danger)}.warned .word{color:var(--warn)}
.verdict p+p{margin-top:4px;font-size:13px;color:var(--ink-2)}
.gates{list-style:none;margin:12px 0 0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(340px,1fr));gap:8px}
.gates li{display:grid;grid-template-columns:20px 1fr;padding:6px 12px;border:1px solid var(--line);border-radius:6px;min-height:32px}
.gates b{font-weight:500}
.gates small{display:block;font-size:11px;line-height:16px;color:var(--ink-2)}
.gates .passed .mark{color:var(--better)}.gates .failed .mark{color:var(--danger)}.gates .inconclusive .mark{color:var(--warn)}
.gates .failed{background:var(--danger-ground);border-color:transparent}
.gates .inconclusive{background:var(--warn-ground);border-color:transparent}
.facts{margin-top:12px;color:var(--ink-2)}
section{margin-top:28px;min-width:0}
.two{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:0 32px}
.wide{grid-column:1/-1}
@media(max-width:900px){.two{grid-template-columns:minmax(0,1fr)}.bar{width:120px!important}}
.scroll{overflow-x:auto}
.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%}
th{font-size:11px;line-height:16px;font-weight:500;color:var(--ink-3);text-align:left;padding:4px 12px 4px 0;border-bottom:1px solid var(--line);white-space:nowrap}
td{padding:4px 12px 4px 0;height:28px;border-bottom:1px solid var(--line);vertical-align:middle}
th.n,td.n{text-align:right;white-space:nowrap}
td.name{font-weight:500}
td small{color:var(--ink-3);font-size:11px}
td.break{overflow-wrap:anywhere;min-width:14em}
tr.head-line td{font-weight:600}
.better{color:var(--better)}.worse{color:var(--worse)}.same{color:var(--ink-3)}
td.v{white-space:nowrap}
.bar{display:block;width:200px;height:20px}
.bar .zero{stroke:var(--control);stroke-width:1}
.bar .range{stroke-width:2;stroke:currentColor}
.bar .end{stroke-width:1.5;stroke:currentColor}
.bar .dot{fill:currentColor}
.charts{--series-0:var(--accent);--series-1:var(--baseline);display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,360px),1fr));gap:16px}
.charts figure{margin:0;min-width:0}
.charts svg{width:100%;max-width:440px;height:auto;display:block}
.grids{display:flex;gap:32px;flex-wrap:wrap}
.grid{width:auto}
.grid td{padding:0;width:32px;min-width:32px;height:28px;text-align:center;border:1px solid var(--canvas);background:var(--cell,var(--surface))}
.grid th{border:0;text-align:center;padding:0 4px}
.grid th[scope=row]{text-align:right;padding-right:8px}
.grid .nil{color:var(--ink-3)}
.counts{display:flex;gap:24px;flex-wrap:wrap;margin-bottom:8px}
.counts b{font-size:18px;line-height:24px;font-weight:600}
.counts span{display:block;color:var(--ink-2)}
.stack{display:flex;height:8px;border-radius:4px;overflow:hidden;background:var(--sunken);margin-bottom:12px;max-width:560px}
.stack i{display:block;height:8px}
.stack .broken{background:var(--worse)}.stack .fixed{background:var(--better)}.stack .changed{background:var(--control)}
details{margin-top:8px}
summary{cursor:pointer;color:var(--accent);padding:4px 0}
summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.none{color:var(--ink-3)}
footer{margin-top:40px;padding-top:12px;border-top:1px solid var(--line);color:var(--ink-3);font-size:11px;line-height:16px}
@media print{main{max-width:none;padding:0}section{break-inside:avoid}.scroll{overflow:visible}}
@media(prefers-contrast:more){.side,.gates li,.verdict{border-color:var(--control)}}
@media(forced-colors:active){.stack i,.grid td{forced-color-adjust:none}}
";
