"""What every trace's page has alike: its styles, the script that steps, the legend."""
from __future__ import annotations

STYLES = """
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--fg);\
font:14px/1.45 system-ui,"DejaVu Sans",sans-serif}
header,.legend,.controls,#now,.below,footer{padding:0 20px}
h1{font:700 22px/1.6 ui-monospace,"DejaVu Sans Mono",monospace;margin:14px 0 2px;\
white-space:pre-wrap;overflow-wrap:anywhere}
h1 span,.chip{background:var(--c);color:var(--on);border-radius:4px;padding:1px 5px}
h1 span{-webkit-box-decoration-break:clone;box-decoration-break:clone}
h1 .current{box-shadow:0 0 0 2px var(--bg),0 0 0 5px var(--c)}
h1 span span{outline:2px solid var(--bg)}
.chip{display:inline-block;font:700 11px/1.4 ui-monospace,"DejaVu Sans Mono",monospace;\
min-width:28px;text-align:center;margin-right:4px}
.o{font-size:0}.o::before{content:attr(data-n);font:10px/14px ui-monospace,monospace;\
display:inline-block;min-width:14px;text-align:center;border:1px solid;border-radius:8px}
p{margin:4px 0}td,li,p{overflow-wrap:anywhere}.sub,.legend,footer,.t{color:var(--muted)}
.warning{border:2px dashed var(--red);border-radius:8px;margin:10px 20px;padding:6px 14px}
.warning li,footer li{margin:2px 0}
figure{margin:10px 0 8px;overflow-x:auto;border-block:1px solid var(--edge)}
figure svg{display:block}.bands{display:none}
.legend{font-size:12.5px}.legend b{color:var(--fg)}
.controls{display:none;gap:8px;align-items:center;margin-top:10px}.js .controls{display:flex}
button{font:inherit;color:inherit;background:none;border:1px solid var(--edge);\
border-radius:6px;padding:3px 12px;cursor:pointer}
input{flex:1;accent-color:var(--p1)}
#now{font-size:16px;min-height:2.9em;margin-top:8px}#now .t{margin-right:8px}
.below{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1.2fr);gap:24px}
h2{font-size:12px;letter-spacing:.06em;text-transform:uppercase;color:var(--muted);margin:6px 0}
table{border-collapse:collapse;width:100%;margin-bottom:14px}
th{text-align:left;font-weight:400;color:var(--muted)}
th,td{border-bottom:1px solid var(--edge);padding:3px 8px 3px 0;vertical-align:top;height:29px}
td:nth-child(n+4){font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:12.5px}
.js tr[data-state=""]>*,tr[data-state=gone]>*,tr[data-state=–]>*{opacity:.35}
.js .many tr:is([data-state=""],[data-state=gone],[data-state=–]){display:none}
.changed{background:var(--mark)}
ol{list-style:none;margin:0;padding:0;border:1px solid var(--edge);border-radius:6px}
.js ol{position:relative;overflow-y:auto;height:max(300px,50vh)}
li a{display:flex;gap:8px;color:inherit;text-decoration:none;padding:2px 8px}
li .t{flex:0 0 68px;text-align:right;font-variant-numeric:tabular-nums}
li .chip{flex:none;align-self:start;margin-top:2px}
li:target,[aria-current]{background:var(--mark)}
.cursor{stroke:var(--red);stroke-dasharray:4 3;stroke-width:1.2;display:none}
.js .cursor{display:inline}
g a.current text{text-decoration:underline}
g a.current .hit{fill:var(--red);fill-opacity:.08;stroke:var(--red);stroke-opacity:.6}
footer{font-size:12.5px;margin:14px 0}
@media(max-width:900px){.below{grid-template-columns:1fr}}
@page{size:landscape;margin:10mm}
@media print{figure{height:0;margin:0;border:0;overflow:hidden}
.bands{display:block}.bands svg{max-width:100%;height:auto;break-inside:avoid}
g.heads{transform:none}
.js .controls,.cursor,.js .cursor,#now{display:none}.js ol{overflow:visible;height:auto}
li{break-inside:avoid}.below{grid-template-columns:1fr}}
"""
SCRIPT = """
'use strict';
const $ = id => document.getElementById(id), all = what => document.querySelectorAll(what);
const steps = JSON.parse($('steps').textContent);       // [number, x, [cell, text, ...]]
const cells = all('#moment td'), figure = $('figure'), list = $('story'), slider = $('slider');
const heads = document.querySelector('svg .heads');
let at = -1;
function put(cell, text) {
  cell.replaceChildren(...text.split(/(?<=^| )(sh|P\\d+)(?= |$)|([①-⑳])/).map(word => {
    const made = document.createElement('b');
    made.textContent = word;
    if (/^(sh|P\\d+)$/.test(word))
      made.className = 'chip c' + (word === 'sh' ? 0 : (word.slice(1) - 1) % 8 + 1);
    else if (/^[①-⑳]$/.test(word)) {
      made.className = 'o';
      made.dataset.n = word.charCodeAt(0) - 0x245f;
    } else return word || '';
    return made;
  }));
  if (cell.dataset.state !== undefined) cell.parentNode.dataset.state = text;
}
function show(i) {
  i = Math.max(0, Math.min(steps.length - 1, i));
  for (const one of all('.changed, .current')) one.classList.remove('changed', 'current');
  if (i < at) { cells.forEach(cell => put(cell, '')); at = -1; }
  while (at < i)
    for (let c = steps[++at][2], j = 0; j < c.length; j += 2) put(cells[c[j]], c[j + 1]);
  const [number, x, changed] = steps[i], line = $('s' + number);
  for (let j = 0; j < changed.length; j += 2) cells[changed[j]].classList.add('changed');
  for (const one of all(`svg a[href="#${number}"]`)) one.classList.add('current');
  for (const one of all('[aria-current]')) one.removeAttribute('aria-current');
  line.setAttribute('aria-current', 'step');
  const who = line.querySelector('.chip').textContent;
  for (const one of all(`h1 [data-id="${who}"]`)) one.classList.add('current');
  list.scrollTop = line.offsetTop - list.clientHeight / 2;
  $('now').innerHTML = line.firstElementChild.innerHTML;
  $('cursor').setAttribute('transform', `translate(${x} 0)`);
  if (x < figure.scrollLeft + 240 || x > figure.scrollLeft + figure.clientWidth - 80)
    figure.scrollLeft = x - figure.clientWidth / 2;
  slider.value = i;
  slider.setAttribute('aria-valuetext', line.textContent);
  history.replaceState(null, '', '#' + number);
}
function go() {
  const wanted = +location.hash.slice(1) || 1;
  show(steps.findLastIndex(step => step[0] <= wanted));
}
figure.onscroll = () => heads.setAttribute('transform', `translate(${figure.scrollLeft} 0)`);
slider.oninput = () => show(+slider.value);
$('back').onclick = () => show(at - 1);
$('on').onclick = () => show(at + 1);
document.onkeydown = event => {
  const to = {ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: steps.length - 1}[event.key];
  if (to !== undefined && !event.altKey && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    show(to);
  }
};
document.onclick = event => {
  const link = event.target.closest('a');
  if (!link) return;
  event.preventDefault();
  show(steps.findIndex(step => '#' + step[0] === link.getAttribute('href')));
};
window.onhashchange = go;
document.documentElement.classList.add('js');
$('when').textContent = 'At this moment';
all('li[id]').forEach(line => { line.id = 's' + line.id; });      // not to be scrolled to
cells.forEach(cell => put(cell, ''));
go();
"""
LEGEND = """<p class="legend"><b>pale</b> a copy of the shell, before exec · <b>full</b> the \
program runs · <b>dotted</b> asleep, with the reason · <b>striped</b> stopped · <b>hatched</b> \
zombie, until it is waited for · <b>tubes</b> pipes: lines above are who can <b>write</b>, \
below who can <b>read</b>, a dot where one closes its end; the water is what is in it \
(logarithmic) · <b>red</b> signals{dashed}</p>"""
SAMPLED = ' · <b>dashed</b> seen now and then, not followed'
