// What makes the page readable: light and dark, wide and narrow, and tables that sort.
#include "tools/report/page.h"

namespace heddle {

std::string page_style() {
  return R"(:root{color-scheme:light dark;--paper:#fff;--ink:#1b1e23;--soft:#5d6570;--line:#d9dde3;--card:#f5f6f8;--accent:#0072B2;--mark:#e8f3ec}
@media (prefers-color-scheme:dark){:root{--paper:#15181c;--ink:#e6e8eb;--soft:#9aa3ad;--line:#343a42;--card:#1e2228;--accent:#56B4E9;--mark:#1d3327}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
main,header,nav{max-width:1120px;margin:0 auto;padding:0 20px}
header{padding-top:28px}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 4px}
h2{font-size:1.2rem;margin:40px 0 6px}
p{margin:6px 0}
.soft,figcaption,small{color:var(--soft)}
nav{font-size:.9rem;margin-top:10px;line-height:1.9}
nav a{margin-right:14px;color:var(--accent);text-decoration:none;white-space:nowrap}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:12px;margin:18px 0}
.card{background:var(--card);border-radius:8px;padding:12px 14px}
.card b{display:block;font-size:1.5rem;line-height:1.2;font-variant-numeric:tabular-nums}
.card span{color:var(--soft);font-size:.85rem}
figure{margin:0}
.scroll{overflow-x:auto;-webkit-overflow-scrolling:touch}
.plot svg{display:block;width:100%;min-width:680px;height:auto}
.plot [stroke="black"]{stroke:var(--ink)}
.plot [fill="black"]{fill:var(--ink)}
.plot [color="black"]{color:var(--ink)}
.plot .gridline{stroke:var(--line)}
figcaption{font-size:.9rem;margin-top:4px}
details{font-size:.85rem;color:var(--soft);margin:4px 0}
summary{cursor:pointer}
.keys{font-family:ui-monospace,monospace;font-size:.75rem;word-break:break-all;line-height:1.6}
table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums;width:100%}
th,td{padding:5px 9px;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}
th.t,td.t{text-align:left}
td.w{white-space:normal;min-width:16em;text-align:left}
thead th{position:sticky;top:0;background:var(--paper);vertical-align:bottom;border-bottom:2px solid var(--line)}
th small{display:block;font-weight:400}
th button{all:unset;cursor:pointer;font-weight:600;text-align:inherit}
th button:focus-visible{outline:2px solid var(--accent)}
th[aria-sort=ascending] button::after{content:" \2191"}
th[aria-sort=descending] button::after{content:" \2193"}
tr.best td{background:var(--mark)}
.tall{max-height:75vh;overflow:auto;border:1px solid var(--line);border-radius:8px}
input[type=search]{width:100%;max-width:420px;padding:8px 10px;margin:8px 0;font:inherit;color:inherit;background:var(--card);border:1px solid var(--line);border-radius:6px}
.failed{border-left:4px solid #D55E00;padding-left:12px}
footer{max-width:1120px;margin:40px auto 30px;padding:0 20px;font-size:.85rem;color:var(--soft)}
@media (max-width:600px){body{font-size:15px}h1{font-size:1.35rem}main,header,nav{padding:0 12px}.cards{grid-template-columns:1fr 1fr}.card b{font-size:1.15rem}}
@media print{nav,input[type=search],details{display:none}.tall{max-height:none;overflow:visible}})";
}

std::string page_script() {
  return R"((function(){
document.querySelectorAll('table.sortable').forEach(function(table){
  var body=table.tBodies[0],heads=table.tHead.rows[0].cells;
  function value(row,i){var c=row.cells[i];return c.dataset.v!==undefined?parseFloat(c.dataset.v):c.textContent}
  Array.prototype.forEach.call(heads,function(head,i){
    var button=head.querySelector('button');
    if(!button)return;
    button.addEventListener('click',function(){
      var up=head.getAttribute('aria-sort')!=='ascending';
      Array.prototype.forEach.call(heads,function(h){h.removeAttribute('aria-sort')});
      head.setAttribute('aria-sort',up?'ascending':'descending');
      var rows=Array.prototype.slice.call(body.rows);
      rows.sort(function(a,b){
        var x=value(a,i),y=value(b,i);
        var order=typeof x==='number'&&typeof y==='number'?(isNaN(x)?1:0)-(isNaN(y)?1:0)||x-y:String(x).localeCompare(String(y));
        return up?order:-order});
      rows.forEach(function(row){body.appendChild(row)})})});
  var input=document.querySelector('input[data-for="'+table.id+'"]');
  if(!input)return;
  var count=document.getElementById(table.id+'-count');
  input.addEventListener('input',function(){
    var words=input.value.toLowerCase().split(/\s+/).filter(Boolean),shown=0;
    Array.prototype.forEach.call(body.rows,function(row){
      var text=row.textContent.toLowerCase();
      var fits=words.every(function(word){return text.indexOf(word)>=0});
      row.hidden=!fits;if(fits)shown++});
    if(count)count.textContent=shown+' of '+body.rows.length+' rows shown'})});
})();)";
}

std::string html_text(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace heddle
