-- html.lua: text for web pages: escaping, elements, and the page around a report. One file without
-- requests to anywhere: styles and script are in it, and its content security policy forbids the rest.

local M = {}

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

-- Text from anywhere, safe between tags and in a quoted attribute.
function M.escape(text)
  return (tostring(text):gsub("[&<>\"']", ENTITIES):gsub("[%z\1-\8\11-\31\127]", "\u{fffd}"))
end

-- <name attribute="...">content</name>. `attributes`: a list of name, value, name, value, ...; a value
-- true stands for an attribute without one, nil and false leave it out. `content`: markup, or a list
-- of it; nil for an element that has none.
function M.element(name, attributes, content)
  local out = { "<", name }
  for i = 1, attributes and attributes.n or #(attributes or {}), 2 do
    local key, value = attributes[i], attributes[i + 1]
    if value == true then
      out[#out + 1] = " " .. key
    elseif value then
      out[#out + 1] = (' %s="%s"'):format(key, M.escape(value))
    end
  end
  if type(content) == "table" then content = table.concat(content) end
  if content == nil then return table.concat(out) .. "/>" end
  out[#out + 1] = ">" .. content .. "</" .. name .. ">"
  return table.concat(out)
end

-- An element with plain text in it.
function M.text(name, text, attributes) return M.element(name, attributes, M.escape(text)) end

-- A table. columns: { head, align = "right" or nil }; rows: lists of cells, each a text, or
-- { html = markup, sort = number }. The first cell of a row is its heading.
function M.table(caption, columns, rows, class)
  local head, body = {}, {}
  for i, column in ipairs(columns) do
    head[i] = M.text("th", (column[1]:gsub("\n", " ")), { "scope", "col", "class", column.align or false })
  end
  for r, row in ipairs(rows) do
    local cells = {}
    for i, column in ipairs(columns) do
      local cell = row[i] == nil and "" or row[i]
      local markup = type(cell) == "table" and cell.html or M.escape(cell)
      cells[i] = M.element(i == 1 and "th" or "td", {
        "scope", i == 1 and "row" or false, "class", column.align or false,
        "data-sort", type(cell) == "table" and cell.sort or false,
      }, markup)
    end
    body[r] = M.element("tr", nil, cells)
  end
  return M.element("div", { "class", "scroll" }, M.element("table", { "class", class or false }, {
    M.text("caption", caption), M.element("thead", nil, M.element("tr", nil, head)),
    M.element("tbody", nil, body),
  }))
end

-- A text as a data: address.
function M.data_address(kind, text)
  return "data:" .. kind .. ";charset=utf-8," .. text:gsub("[^%w_.~,:;/+-]", function(c)
    return ("%%%02X"):format(c:byte())
  end)
end

local POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"

-- Colours of the modes: Okabe and Ito's, which people who see few colours can tell apart. Shapes, dashes
-- and words say the same.
local STYLE = [[
:root{color-scheme:light dark;--ink:#1b1b1b;--quiet:#5b5b5b;--line:#d0d0d0;--paper:#fff;--soft:#f4f4f2;
--serial:#6b6b6b;--threads:#d55e00;--free:#009e73;--processes:#0072b2;--isolates:#b2558f;--good:#00694d;--bad:#b03a00}
:root[data-theme=dark]{--ink:#eaeaea;--quiet:#ababab;--line:#444;--paper:#16181a;--soft:#202326;
--serial:#a8a8a8;--threads:#ff8a3d;--free:#2fd0a0;--processes:#56b4e9;--isolates:#e69cc9;--good:#5fe0b8;--bad:#ff9b66}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){--ink:#eaeaea;--quiet:#ababab;--line:#444;
--paper:#16181a;--soft:#202326;--serial:#a8a8a8;--threads:#ff8a3d;--free:#2fd0a0;--processes:#56b4e9;
--isolates:#e69cc9;--good:#5fe0b8;--bad:#ff9b66}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:62rem;background:var(--paper);color:var(--ink);
font:16px/1.5 system-ui,sans-serif}
h1{font-size:1.6rem;margin:0 0 .3rem}h2{font-size:1.25rem;margin:2.6rem 0 .2rem;border-top:1px solid var(--line);
padding-top:1.2rem}h3{font-size:1rem;margin:1.4rem 0 .3rem}
p{max-width:46rem;margin:.4rem 0}.quiet,figcaption,caption{color:var(--quiet);font-size:.87rem}
.verdict{font-size:1.06rem;padding:.6rem .9rem;background:var(--soft);border-left:4px solid var(--processes)}
.note{padding:.4rem .9rem;background:var(--soft);border-left:4px solid var(--threads)}
figure{margin:1rem 0}figcaption{max-width:46rem;margin-top:.2rem}
svg{max-width:100%;height:auto;display:block}svg text{fill:var(--ink);font:13px system-ui,sans-serif}
svg .quiet{fill:var(--quiet)}svg .rule{stroke:var(--line)}svg .one{stroke:var(--ink);stroke-dasharray:4 3}
svg .noise{fill:var(--ink);opacity:.09}
.serial{fill:var(--serial);stroke:var(--serial)}.threads{fill:var(--threads);stroke:var(--threads)}
.free{fill:var(--free);stroke:var(--free)}.processes{fill:var(--processes);stroke:var(--processes)}
.isolates{fill:var(--isolates);stroke:var(--isolates)}svg .dots{opacity:.35;stroke:none}svg .path{fill:none;stroke-width:2}
svg .cpu{fill:#0072b2}svg .gil{fill:#d55e00}svg .queue{fill:#f0e442}svg .wait{fill:#999}svg .on{fill:#fff}svg .onlight{fill:#000}
.scroll{overflow-x:auto}table{border-collapse:collapse;margin:.6rem 0;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:.2rem 0}th,td{padding:.22rem .7rem;border-bottom:1px solid var(--line);text-align:left;
white-space:nowrap;font-weight:400}thead th{white-space:normal;color:var(--quiet);font-size:.87rem;vertical-align:bottom}.right{text-align:right}
.facts td{white-space:normal;overflow-wrap:anywhere}
.faster{color:var(--good);font-weight:600}.slower{color:var(--bad);font-weight:600}
button{font:inherit;color:inherit;background:none;border:1px solid var(--line);border-radius:4px;padding:.1rem .6rem;cursor:pointer}
thead button{border:0;padding:0;font-size:inherit;text-align:inherit}thead button::after{content:" \2195";opacity:.5}
code,pre{font:13.5px/1.45 ui-monospace,monospace;background:var(--soft);padding:.1rem .3rem}
pre{padding:.7rem .9rem;overflow-x:auto}a{color:var(--processes)}
@media print{body{max-width:none;padding:0}button{display:none}h2{break-after:avoid}figure,table{break-inside:avoid}}
]]

-- Adds what needs a script: another theme, tables sorted by a column. All else is there without.
local SCRIPT = [[
(function () {
  "use strict";
  var root = document.documentElement, bar = document.getElementById("tools");
  var theme = document.createElement("button");
  theme.type = "button";
  theme.textContent = "light / dark";
  theme.onclick = function () {
    var dark = root.dataset.theme ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  };
  bar.appendChild(theme);
  function value(row, index) {
    var cell = row.cells[index], key = cell.dataset.sort;
    if (key !== undefined) return parseFloat(key);
    var number = parseFloat(cell.textContent);
    return isNaN(number) ? cell.textContent : number;
  }
  function order(a, b) {
    if (typeof a === typeof b) return a < b ? -1 : a > b ? 1 : 0;
    return typeof a === "number" ? -1 : 1;
  }
  document.querySelectorAll("table.sorted").forEach(function (table) {
    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (cell, index) {
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = cell.textContent;
      cell.textContent = "";
      cell.appendChild(button);
      button.onclick = function () {
        var up = cell.getAttribute("aria-sort") !== "ascending";
        Array.prototype.forEach.call(cell.parentNode.cells, function (c) { c.removeAttribute("aria-sort"); });
        cell.setAttribute("aria-sort", up ? "ascending" : "descending");
        Array.prototype.slice.call(table.tBodies[0].rows).sort(function (r, s) {
          return (up ? 1 : -1) * order(value(r, index), value(s, index));
        }).forEach(function (row) { table.tBodies[0].appendChild(row); });
      };
    });
  });
})();
]]

-- The whole page. body: markup.
function M.page(title, body)
  return table.concat {
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
    '<meta http-equiv="Content-Security-Policy" content="', POLICY, '">\n',
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
    '<meta name="color-scheme" content="light dark">\n',
    M.text("title", title), "\n<style>", STYLE, "</style>\n</head>\n<body>\n", body,
    "\n<script>", SCRIPT, "</script>\n</body>\n</html>\n",
  }
end

return M
